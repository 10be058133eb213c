import { expect, it } from 'vitest'
import { importPeer } from './import-peer.ts'

it('says how to get what is not installed', async () => {
  const missing = 'authcost-no-such-package'
  await expect(importPeer('mine', 'one two', () => import(missing))).rejects.toMatchObject({
    code: 'strategy.not-installed',
    message: 'The strategy "mine" needs what is not installed here (one, two). Get it with: npm install one two',
  })
})

it('does not take every failure of a library for its absence', async () => {
  const broken = () => Promise.reject(new Error('a bug in the library'))
  await expect(importPeer('mine', 'one', broken)).rejects.toThrow('a bug in the library')
})
