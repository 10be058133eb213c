import { z } from 'zod'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { Check } from '../record/run.ts'
import type { Attack, AttackContext, AttackNeed } from './attack.ts'
import { attacks } from './attacks.ts'
import { credentialOf, type RequestHeaders } from './credential.ts'
import type { GateTarget } from './gate-target.ts'
import { type Answer, httpSender, type Send } from './http-sender.ts'
import { isCompactJwe, openSealed } from './sealing-key.ts'
import { newcomer, readRefresh, readSignIn, tokenPath } from './sign-in.ts'
import { findSigningKey } from './signing-key.ts'
import { type JsonObject, parseToken } from './token.ts'

const jwksSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())) })

/** Users whose credentials the gate uses: any server has them, and with 1 and 2 their bodies differ. */
const userId = 1
const otherUserId = 2
const lifetimeS = 600

/**
 * Runs every attack that applies against one server, one after the other.
 *
 * @returns one check for each attack that could be made, in the table's order.
 * @throws {AuthcostError} `gate.no-answer` when the server does not answer a request at all, `gate.credentials` when
 * it issues none.
 */
export async function runGate(target: GateTarget): Promise<Check[]> {
  const { send, close } = httpSender(target.url)
  try {
    return await runGateOver(target, send)
  } finally {
    await close()
  }
}

/** The gate with its transport injected. */
export async function runGateOver(target: GateTarget, send: Send): Promise<Check[]> {
  const { context, lack } = await makeContext(target, send)
  const checks: Check[] = []
  for (const attack of attacks) {
    const { traits } = target.variant
    if (!attack.applies(traits) || isUnguarded(traits, attack)) continue
    const headers = await attack.forge(context)
    if (headers === undefined) {
      const why = attack.needs === undefined ? undefined : lack(attack.needs)
      if (why !== undefined) target.onNotTried?.({ attack: attack.name, why })
      continue
    }
    const answer = await sendOrExplain(target, send, attack.name, 'GET', '/me', headers)
    const expected = expectedOf(attack, answer)
    checks.push({
      variant: nameOf(target),
      attack: attack.name,
      expected,
      status: answer.status,
      passed: passes({ ...attack, expected }, answer, target.expectedBody(userId)),
    })
  }
  return checks
}

/** Attacks that would apply, and are left out because the strategy says that it does not withstand them. */
export const unguardedAttacks = (traits: CredentialTraits): string[] =>
  attacks.filter((attack) => attack.applies(traits) && isUnguarded(traits, attack)).map(({ name }) => name)

const isUnguarded = ({ unguarded = [] }: CredentialTraits, { name }: Attack): boolean => unguarded.includes(name)

const nameOf = (target: GateTarget): string => target.recordedAs ?? target.variant.id

const expectedOf = ({ expected }: Attack, { status }: Answer): Check['expected'] =>
  expected === 'own-or-refuse' ? (status === 401 ? 'refuse' : 'accept') : expected

/** A refusal is 401, or 431 from Node itself for too long a header. A 500 or 503 refuses nothing: it failed. */
function passes(attack: Attack, answer: Answer, expectedBody: string): boolean {
  return attack.expected === 'accept'
    ? answer.status === 200 && answer.body === expectedBody
    : answer.status === 401 || (attack.name === 'oversized' && answer.status === 431)
}

/** What attacks are made from, and why it lacks something, if it does. */
interface Prepared {
  readonly context: AttackContext
  lack(need: AttackNeed): string | undefined
}

async function makeContext(target: GateTarget, send: Send): Promise<Prepared> {
  const { traits } = target.variant
  const issueOne = async (nowMs: number, seconds: number): Promise<RequestHeaders> => {
    const [headers] = await issue(target, { nowMs, lifetimeS: seconds, fresh: true, users: 1 })
    return headers ?? {}
  }
  const [headers, otherHeaders] = await issue(target, { nowMs: Date.now(), lifetimeS, fresh: false, users: 2 })
  const credential = credentialOf(headers ?? {}, traits.carrier)
  const otherCredential = credentialOf(otherHeaders ?? {}, traits.carrier)
  if (
    headers === undefined ||
    otherHeaders === undefined ||
    credential === undefined ||
    otherCredential === undefined
  ) {
    throw new AuthcostError(
      'gate.credentials',
      `Variant ${nameOf(target)} issued headers without its credential (${traits.carrier.kind} ${traits.carrier.name}). Its traits and its issue() must agree.`,
    )
  }
  const token = traits.form === 'jwt' ? parseToken(credential) : undefined
  const sign = token === undefined ? undefined : await findSigningKey(target.secrets ?? {}, token)
  const sealed = traits.form === 'sealed' ? await openSealed(target.secrets ?? {}, credential) : undefined
  let registered: number | undefined
  const registering = async (carried: RequestHeaders): Promise<Answer> => {
    const answer = await register(target, send, carried)
    registered = answer.status
    return answer
  }
  const lack = (need: AttackNeed): string | undefined => {
    if (need === 'registration') {
      return registered === 201 ? undefined : `POST /register was answered with ${registered}, not 201`
    }
    if (need === 'sealing key') {
      // What is sealed in another way owes nothing to attacks on a JWE.
      return sealed !== undefined || !isCompactJwe(credential)
        ? undefined
        : 'none of its secrets, read as base64url, opens its credential to claims (a compact JWE, dir with A256GCM)'
    }
    if (token === undefined) return 'its credential is no compact JWS'
    if (need === 'token' || sign !== undefined) return undefined
    return 'none of its secrets, read as base64url, hex, text or PEM, signs as its tokens are signed'
  }
  const context: AttackContext = {
    traits,
    headers,
    otherHeaders,
    credential,
    otherCredential,
    token,
    otherToken: token === undefined ? undefined : parseToken(otherCredential),
    jwks: token === undefined ? [] : await fetchKeys(target, send),
    sign,
    sealed,
    fresh: () => issueOne(Date.now(), lifetimeS),
    expired: () => issueOne(Date.now() - 3_600_000 - lifetimeS * 1_000, lifetimeS),
    idle: () => {
      const idleS = (traits.idleTimeoutS ?? 0) + 60
      return issueOne(Date.now() - idleS * 1_000, idleS + 3_600)
    },
    async use(used) {
      await sendOrExplain(target, send, 'use', 'GET', '/me', used)
    },
    async signIn(carried) {
      return (await registering(carried)).status === 201
    },
    async signUp() {
      const answer = await registering({})
      if (answer.status !== 201) return undefined
      const probe = await sendOrExplain(target, send, 'refresh', 'POST', tokenPath, {})
      return readSignIn(answer, probe.status !== 404)
    },
    async refresh({ refresh }) {
      if (refresh === undefined) return undefined
      const { headers: sent, body } = refresh
      const answer = await sendOrExplain(target, send, 'refresh', 'POST', tokenPath, sent, body)
      return readRefresh(answer, nameOf(target))
    },
    async logOut(loggedIn) {
      await sendOrExplain(target, send, 'revoked', 'POST', '/logout', loggedIn)
    },
  }
  return { context, lack }
}

function register(target: GateTarget, send: Send, carried: RequestHeaders): Promise<Answer> {
  const { headers, body } = newcomer()
  return sendOrExplain(target, send, 'sign in', 'POST', '/register', { ...carried, ...headers }, body)
}

async function issue(
  target: GateTarget,
  options: { readonly nowMs: number; readonly lifetimeS: number; readonly fresh: boolean; readonly users: 1 | 2 },
): Promise<readonly RequestHeaders[]> {
  const { users, ...request } = options
  const issued = await target.issue({ ...request, fromUserId: userId, toUserId: users === 2 ? otherUserId : userId })
  if (issued.length === users) return issued
  throw new AuthcostError(
    'gate.credentials',
    `Variant ${nameOf(target)} issued ${issued.length} credentials for ${users} users. Its issue() must answer one for each.`,
  )
}

async function fetchKeys(target: GateTarget, send: Send): Promise<readonly JsonObject[]> {
  const answer = await sendOrExplain(target, send, 'public keys', 'GET', '/.well-known/jwks.json', {})
  if (answer.status !== 200) return []
  try {
    return jwksSchema.parse(JSON.parse(answer.body)).keys
  } catch (cause) {
    throw new AuthcostError('gate.keys', `${nameOf(target)}: /.well-known/jwks.json is no JWK set (RFC 7517).`, {
      cause,
    })
  }
}

async function sendOrExplain(
  target: GateTarget,
  send: Send,
  what: string,
  ...request: Parameters<Send>
): Promise<Answer> {
  try {
    return await send(...request)
  } catch (cause) {
    throw new AuthcostError(
      'gate.no-answer',
      `Variant ${nameOf(target)} gave no answer to "${what}" (${request[0]} ${request[1]}): its server died or hangs.`,
      { cause },
    )
  }
}
