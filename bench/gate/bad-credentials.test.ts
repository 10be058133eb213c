import { describe, expect, it } from 'vitest'
import { parseVariant } from '../../servers/strategies/table.ts'
import { badKindsOf, makeBadCredentials } from './bad-credentials.ts'
import { type FakeServer, sealedServer, sessionServer, tokenServer, trustingServer } from './servers.fixture.ts'

const kinds = (text: string) => badKindsOf(parseVariant(text).traits)

describe('the kinds of bad credentials that a variant is sent', () => {
  it('are all where it promises to refuse what was revoked', () => {
    expect(kinds('session')).toEqual({ sent: ['absent', 'forged', 'expired', 'revoked'], leftOut: [] })
    expect(kinds('jwt:alg=HS256,denylist=postgres').sent).toContain('revoked')
    expect(kinds('jwt:alg=HS256,denylist=memory').sent).toContain('revoked')
  })

  it('spare it what it does not promise, with the reason', () => {
    const { sent, leftOut } = kinds('jwt:alg=ES256')
    expect(sent).toEqual(['absent', 'forged', 'expired'])
    expect(leftOut).toEqual([{ kind: 'revoked', reason: 'it promises to end a credential by its expiry alone' }])
    expect(kinds('session:cacheTtl=30s').leftOut).toMatchObject([{ kind: 'revoked' }])
  })

  it('are absent and malformed for the control, which has nothing to forge', () => {
    expect(kinds('none').sent).toEqual(['absent', 'malformed'])
  })
})

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
