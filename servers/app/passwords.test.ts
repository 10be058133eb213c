import { describe, expect, it } from 'vitest'
import { busyCode, hashPassword, verifyPassword } from './passwords.ts'

describe('passwords', () => {
  it('are stored as a PHC string with their parameters and a salt of their own', async () => {
    const [a, b] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
    expect(a).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(a).not.toBe(b)
  })

  it('are recognised, and others are not', async () => {
    const stored = await hashPassword('correct horse')
    await expect(verifyPassword('correct horse', stored)).resolves.toBe(true)
    await expect(verifyPassword('correct horsf', stored)).resolves.toBe(false)
  })

  it('hash for unknown users too, so that they take a place as known ones do', async () => {
    const unknown = [verifyPassword('x', undefined), verifyPassword('x', null)]
    await expect(verifyPassword('x', undefined)).rejects.toMatchObject({ code: busyCode })
    await expect(Promise.all(unknown)).resolves.toEqual([false, false])
    // Places are given back.
    await expect(verifyPassword('x', undefined)).resolves.toBe(false)
  })

  it('refuse a stored string that is none of ours', async () => {
    await expect(verifyPassword('x', 'plain')).rejects.toMatchObject({ code: 'passwords.stored' })
    await expect(
      verifyPassword('x', `$scrypt$ln=60,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`),
    ).rejects.toMatchObject({
      code: 'passwords.stored',
    })
  })
})
