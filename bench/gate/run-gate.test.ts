import { describe, expect, it } from 'vitest'
import type { Check } from '../record/run.ts'
import { credentialOf } from './credential.ts'
import { runGateOver, unguardedAttacks } from './run-gate.ts'
import {
  bearer,
  type Carelessness,
  credulous,
  type FakeServer,
  sealedServer,
  sessionServer,
  tokenServer,
  trustingServer,
} from './servers.fixture.ts'
import { parseToken, type Token } from './token.ts'

const gate = (server: FakeServer): Promise<Check[]> => runGateOver(server.target, server.send)
const failed = (checks: readonly Check[]): string[] => checks.filter((c) => !c.passed).map((c) => c.attack)
const names = (checks: readonly Check[]): string[] => checks.map((c) => c.attack)

const forms: readonly [string, () => FakeServer | Promise<FakeServer>][] = [
  ['trusting', trustingServer],
  ['session', sessionServer],
  ['bearer', () => sessionServer({ carrier: bearer })],
  ['sealed', sealedServer],
  ['HS256', () => tokenServer('HS256')],
  ['RS256', () => tokenServer('RS256')],
  ['ES256', () => tokenServer('ES256')],
  ['EdDSA', () => tokenServer('EdDSA')],
]

describe('the gate', () => {
  it.each(forms)('lets a correct %s server through', async (_name, make) => {
    const checks = await gate(await make())
    expect(failed(checks)).toEqual([])
  })

  it.each(forms)('fails a %s server that accepts everything, at every attack', async (_name, make) => {
    const checks = await gate(credulous(await make()))
    expect(failed(checks)).toEqual(names(checks.filter((check) => check.expected === 'refuse')))
  })

  it('fails a server that refuses everything at what it must accept', async () => {
    const server = sessionServer()
    const checks = await runGateOver(server.target, async () => ({ status: 401, body: '' }))
    expect(failed(checks)).toEqual(['good credential', 'fresh login'])
  })

  it('fails a server that answers the good credential with the body of another user', async () => {
    const { target, send } = sessionServer()
    const checks = await runGateOver({ ...target, expectedBody: () => target.expectedBody(3) }, send)
    expect(failed(checks)).toEqual(['good credential', 'fresh login'])
  })

  it('does not take a failing server for one that refuses', async () => {
    const { target, send } = sessionServer()
    const checks = await runGateOver(target, async (...request) => {
      const answer = await send(...request)
      return answer.status === 401 ? { status: 503, body: '' } : answer
    })
    expect(failed(checks)).toEqual(names(checks.filter((check) => check.expected === 'refuse')))
  })

  it('asks the control for nothing but missing and malformed identities', async () => {
    const expected = ['good credential', 'missing', 'malformed, empty', 'malformed, not of its form']
    expect(names(await gate(trustingServer()))).toEqual(expected)
  })

  it('finds a session server that keeps sessions after logout', async () => {
    expect(failed(await gate(sessionServer({ forgetful: true })))).toEqual(['revoked'])
  })

  it('finds a session server that goes on answering from a cache after logout', async () => {
    expect(failed(await gate(sessionServer({ caching: true })))).toEqual(['revoked'])
  })

  it('finds a session server that keeps sessions after their time', async () => {
    expect(failed(await gate(sessionServer({ ageless: true })))).toEqual(['expired'])
  })

  it('finds a sealed cookie that is accepted after its time', async () => {
    expect(failed(await gate(sealedServer({ ageless: true })))).toEqual(['expired'])
  })

  it('does not ask a stateless token to be refused after logout', async () => {
    expect(names(await gate(await tokenServer('HS256')))).not.toContain('revoked')
  })

  const careless: readonly [Carelessness, 'HS256' | 'RS256' | 'ES256', readonly string[]][] = [
    ['audience', 'RS256', ['wrong audience', 'no audience']],
    ['issuer', 'HS256', ['wrong issuer', 'issuer in a list']],
    ['expiry', 'HS256', ['expired', 'not valid yet']],
    ['required-expiry', 'HS256', ['no expiry']],
    ['type', 'RS256', ['wrong type']],
    ['key id', 'RS256', ['unknown key id']],
    ['algorithm', 'HS256', ['other algorithm, same key']],
    ['subject', 'HS256', ['no subject', 'subject is no user']],
    ['keys in the header', 'ES256', ['forged, certificate in its own header']],
  ]
  it.each(careless)('finds a verifier that does not check the %s (%s)', async (carelessness, algorithm, expected) => {
    expect(failed(await gate(await tokenServer(algorithm, [carelessness])))).toEqual(expected)
  })

  it('finds a verifier that does not check the signature', async () => {
    const found = failed(await gate(await tokenServer('ES256', ['signature'])))
    const attacks = ['forged, wrong key', 'alg none', 'alg NONE', 'public key as HMAC secret, PEM', 'signature removed']
    expect(found).toEqual(expect.arrayContaining(attacks))
  })

  it('finds a verifier that takes a key from the header, and asks for no id of one', async () => {
    const found = failed(await gate(await tokenServer('RS256', ['keys in the header', 'key id'])))
    expect(found).toEqual(
      expect.arrayContaining(['forged, key in its own header', 'forged, certificate in its own header']),
    )
  })

  it.each([
    ['EdDSA', 'ES256'],
    ['ES256', 'EdDSA'],
    ['RS256', 'ES256'],
  ] as const)('sends a server of %s a token truly signed with %s', async (algorithm, other) => {
    const { target, send } = await tokenServer(algorithm)
    const sent: Token[] = []
    await runGateOver(target, (method, path, headers) => {
      const token = parseToken(credentialOf(headers, target.variant.traits.carrier) ?? '')
      if (token !== undefined) sent.push(token)
      return send(method, path, headers)
    })
    // The good signature under the other's name is another attack.
    const [good] = sent
    const forged = sent.filter(({ header, signature }) => header.alg === other && signature !== good?.signature)
    expect(forged.map(({ header }) => header.kid)).toEqual(['key-1'])
    expect(Buffer.from(forged[0]?.signature ?? '', 'base64url')).toHaveLength(64)
  })

  it('finds a server that takes the last of two header lines, or looks for a good one among them', async () => {
    const { target, send } = sessionServer({ carrier: bearer })
    const lastLine = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const checks = await runGateOver(target, (method, path, headers) => send(method, path, lastLine(headers)))
    expect(failed(checks)).toEqual(['doubled header, in two lines'])
  })

  it('leaves out what a strategy does not withstand by its own account, and says so', async () => {
    const { target, send } = sessionServer()
    const traits = {
      ...target.variant.traits,
      unguarded: ['duplicated cookie', 'revoked', 'doubled header', 'no attack'],
    }
    const checks = await runGateOver({ ...target, variant: { ...target.variant, traits } }, send)
    expect(names(checks)).not.toContain('revoked')
    // The cookie server is never sent a header twice: that was not left out.
    expect(unguardedAttacks(traits)).toEqual(['duplicated cookie', 'revoked'])
    expect(unguardedAttacks(target.variant.traits)).toEqual([])
  })

  it('leaves out, rather than passes, what it cannot sign without the key', async () => {
    const { target, send } = await tokenServer('ES256')
    const { secrets: _secrets, ...withoutSecrets } = target
    const made = names(await runGateOver(withoutSecrets, send))
    expect(made).not.toContain('wrong audience')
    expect(made).toContain('public key as HMAC secret, PEM')
  })

  const notTried = async ({ target, send }: FakeServer): Promise<Record<string, string>> => {
    const untried: Record<string, string> = {}
    await runGateOver({ ...target, onNotTried: ({ attack, why }) => Object.assign(untried, { [attack]: why }) }, send)
    return untried
  }

  it('says what it could not try, and why', async () => {
    const registering = expect.stringMatching('/register was answered with \\d+, not 201')
    expect(await notTried(sessionServer())).toEqual({ 'fixed before login': registering })
    const { target, send } = await tokenServer('ES256')
    const withoutKey = await notTried({ target: { ...target, secrets: { key: 'of another form' } }, send })
    expect(withoutKey).toMatchObject({
      'refresh token used again': registering,
      'wrong audience': expect.stringContaining('none of its secrets'),
    })
    // Made without the key, or of no concern to this algorithm.
    expect(Object.keys(withoutKey)).not.toContain('public key as HMAC secret, PEM')
    expect(Object.keys(await notTried({ target, send }))).not.toContain('wrong audience')
  })

  it('says that a token is none, rather than leave out what applies to tokens', async () => {
    const { target, send } = sessionServer()
    const traits = { ...target.variant.traits, form: 'jwt' } as const
    const untried = await notTried({ target: { ...target, variant: { ...target.variant, traits } }, send })
    expect(untried).toMatchObject({ 'alg none': 'its credential is no compact JWS' })
  })

  it('says that no key opens a JWE, and asks for none where the seal is another', async () => {
    const { target, send } = sealedServer()
    expect(await notTried({ target, send })).toMatchObject({
      'sealed with another key': expect.stringContaining('none of its secrets'),
    })
    const issue: typeof target.issue = async (request) =>
      (await target.issue(request)).map(() => ({ cookie: `${target.variant.traits.carrier.name}=sealed-otherwise` }))
    expect(Object.keys(await notTried({ target: { ...target, issue }, send }))).not.toContain('sealed with another key')
  })

  it('records a twin under its own name', async () => {
    const { target, send } = trustingServer()
    const checks = await runGateOver({ ...target, recordedAs: 'none#twin' }, send)
    expect(new Set(checks.map((check) => check.variant))).toEqual(new Set(['none#twin']))
  })

  it('says which attack got no answer', async () => {
    const { target } = trustingServer()
    const hangUp = () => Promise.reject(new Error('socket hang up'))
    await expect(runGateOver(target, hangUp)).rejects.toMatchObject({
      code: 'gate.no-answer',
      message: expect.stringContaining('good credential'),
    })
  })

  it('says so where a variant issues its credential elsewhere than its traits claim', async () => {
    const { target, send } = sessionServer()
    const elsewhere = { ...target, issue: async () => [{ authorization: 'a' }, { authorization: 'b' }] }
    await expect(runGateOver(elsewhere, send)).rejects.toMatchObject({ code: 'gate.credentials' })
  })
})
