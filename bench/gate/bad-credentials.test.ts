import { describe, expect, it } from 'vitest'
import { badKindsOf } from '../plan/bad-kinds.ts'
import { makeBadCredentials } from './bad-credentials.ts'
import { type FakeServer, sealedServer, sessionServer, tokenServer, trustingServer } from './servers.fixture.ts'

describe('bad credentials', () => {
  it.each<[string, () => FakeServer | Promise<FakeServer>]>([
    ['none', trustingServer],
    ['sessions', sessionServer],
    ['HS256', () => tokenServer('HS256')],
    ['ES256', () => tokenServer('ES256')],
    ['sealed', sealedServer],
  ])('are refused by a right server: %s', async (_, make) => {
    const { target, send } = await make()
    const bad = await makeBadCredentials(target, send, 8)
    expect(new Set(bad.map(({ kind }) => kind))).toEqual(new Set(badKindsOf(target.variant.traits).sent))
    for (const { requestHeaders } of bad) expect((await send('GET', '/me', requestHeaders)).status).toBe(401)
  })

  it.each<[string, () => FakeServer | Promise<FakeServer>, string]>([
    ['does not look at the end', () => sessionServer({ ageless: true }), 'expired'],
    ['forgets to end sessions', () => sessionServer({ forgetful: true }), 'revoked'],
    ['does not look at the signature', () => tokenServer('ES256', ['signature']), 'forged'],
  ])('are accepted, that very kind, by a server that %s', async (_, make, kind) => {
    const { target, send } = await make()
    const bad = await makeBadCredentials(target, send, 4)
    const accepted = new Set<string>()
    for (const one of bad) if ((await send('GET', '/me', one.requestHeaders)).status === 200) accepted.add(one.kind)
    expect([...accepted]).toContain(kind)
  })

  it('differ from one another, so that no cache makes refusing cheap', async () => {
    const { target, send } = await tokenServer('HS256')
    const forged = (await makeBadCredentials(target, send, 8)).filter(({ kind }) => kind === 'forged')
    expect(new Set(forged.map(({ requestHeaders }) => requestHeaders.cookie)).size).toBe(8)
  })
})
