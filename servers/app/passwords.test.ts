import { scryptSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { busyCode, hashPassword, verifyPassword } from './passwords.ts'

const withoutPadding = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
const stored = (parameters: string): string => `$scrypt$${parameters}$${'A'.repeat(22)}$${'A'.repeat(43)}`

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

  it.each([
    'plain',
    stored('ln=60,r=8,p=1'),
    // 13 GB.
    stored('ln=20,r=99,p=1'),
    // Cheap in memory, minutes of work.
    stored('ln=14,r=8,p=99'),
    stored('ln=14,r=0,p=1'),
    stored('ln=0,r=8,p=1'),
  ])('refuse a stored string that is none of ours, and keep no place for it: %s', async (text) => {
    for (let time = 0; time < 3; time++) {
      await expect(verifyPassword('x', text)).rejects.toMatchObject({ code: 'passwords.stored' })
    }
    await expect(verifyPassword('x', undefined)).resolves.toBe(false)
  })

  it('are checked with the parameters they were stored with', async () => {
    const salt = Buffer.alloc(16, 1)
    const hash = scryptSync('correct horse', salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 27 })
    const phc = `$scrypt$ln=15,r=8,p=1$${withoutPadding(salt)}$${withoutPadding(hash)}`
    await expect(verifyPassword('correct horse', phc)).resolves.toBe(true)
    await expect(verifyPassword('correct horsf', phc)).resolves.toBe(false)
  })

  it('are the same password however the letters are composed', async () => {
    const composed = await hashPassword('caf\u00e9 au lait')
    await expect(verifyPassword('cafe\u0301 au lait', composed)).resolves.toBe(true)
  })
})
