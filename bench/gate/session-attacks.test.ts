import { expect, it } from 'vitest'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import { credentialOf } from './credential.ts'
import type { GateTarget } from './gate-target.ts'
import type { Send } from './http-sender.ts'
import { runGateOver } from './run-gate.ts'

const carrier = { kind: 'cookie', name: '__Host-authcost-test' } as const
const idleTimeoutS = 1800

/** What a careless server forgets. */
type Carelessness =
  | 'idle timeout'
  | 'session of before login'
  | 'cached after logout'
  | 'cached once used'
  | 'any id'
  | 'quotes'

interface StoredSession {
  readonly seenAtMs: number
  readonly expiresAtMs: number
}

/** A session server with a sign-in, careless in one thing; as if its cache were another process'. */
function sessionServer(careless: Carelessness | undefined): { readonly target: GateTarget; readonly send: Send } {
  const traits: CredentialTraits = {
    form: 'opaque',
    carrier,
    revocation: { kind: 'within', ms: 20 },
    idleTimeoutS,
  }
  const sessions = new Map<string, StoredSession>()
  let issued = 0
  const used = new Set<string>()
  const good = (id: string): boolean => {
    if (careless === 'cached once used' && used.has(id)) return true
    const session = sessions.get(careless === 'quotes' ? (id.split("'")[0] ?? '') : id)
    if (session === undefined) return careless === 'any id' && /^[A-Za-z0-9_-]{43}$/.test(id)
    const idleFromMs = session.seenAtMs + idleTimeoutS * 1000
    return session.expiresAtMs > Date.now() && (idleFromMs > Date.now() || careless === 'idle timeout')
  }
  const send: Send = async (_method, path, headers, body) => {
    const id = credentialOf(headers, carrier)
    if (path === '/register') {
      expect(JSON.parse(body ?? '{}')).toMatchObject({ username: expect.any(String), password: expect.any(String) })
      if (id !== undefined && careless !== 'session of before login') sessions.delete(id)
      return { status: 201, body: '' }
    }
    if (path === '/logout') {
      if (id !== undefined && careless !== 'cached after logout') sessions.delete(id)
      return { status: 204, body: '' }
    }
    const twice = (headers.cookie ?? '').split(`${carrier.name}=`).length > 2
    const accepted = id !== undefined && !twice && good(id)
    if (accepted) used.add(id)
    return accepted ? { status: 200, body: identityBody(seededIdentity(1)) } : { status: 401, body: '' }
  }
  const target: GateTarget = {
    url: 'http://127.0.0.1:1',
    variant: { id: 'test', strategy: 'test', parameters: {}, label: 'test', needs: [], traits, warnings: [] },
    expectedBody: (userId) => identityBody(seededIdentity(userId)),
    issue: async ({ fromUserId, toUserId, nowMs, lifetimeS }) =>
      Array.from({ length: toUserId - fromUserId + 1 }, () => {
        const id = `session${String(++issued).padStart(36, '0')}`
        sessions.set(id, { seenAtMs: nowMs, expiresAtMs: nowMs + lifetimeS * 1000 })
        return { cookie: `${carrier.name}=${id}` }
      }),
  }
  return { target, send }
}

const failuresOf = async (careless: Carelessness | undefined): Promise<readonly string[]> => {
  const { target, send } = sessionServer(careless)
  return (await runGateOver(target, send)).filter(({ passed }) => !passed).map(({ attack }) => attack)
}

it('passes a server that forgets nothing', async () => {
  expect(await failuresOf(undefined)).toEqual([])
})

it.each([
  ['idle timeout', 'not used for too long'],
  ['session of before login', 'fixed before login'],
  ['cached after logout', 'revoked, once it is promised'],
  ['cached once used', 'revoked, once it is promised'],
  ['cached once used', 'fixed before login'],
  ['any id', 'guessed'],
  ['quotes', 'SQL in the credential'],
] as const)('finds a server that forgets: %s', async (careless, attack) => {
  expect(await failuresOf(careless)).toContain(attack)
})
