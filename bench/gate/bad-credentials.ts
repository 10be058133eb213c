import { randomBytes } from 'node:crypto'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { badKindsOf } from '../plan/bad-kinds.ts'
import type { BadKind } from '../record/slice.ts'
import { credentialOf, headersCarrying, type RequestHeaders, sameShape } from './credential.ts'
import type { GateTarget } from './gate-target.ts'
import type { Send } from './http-sender.ts'
import { openSealed } from './sealing-key.ts'
import { foreignKey } from './signing-key.ts'
import { algorithmOf, parseToken } from './token.ts'

/** Request headers that have to be refused, and why. */
export interface BadCredential {
  readonly kind: BadKind
  readonly requestHeaders: RequestHeaders
}

const ampleLifetimeS = 3600

/**
 * Makes credentials that a running server has to refuse: expired ones issued two hours ago, revoked ones by logging in
 * and out, forged ones from public data alone. Made for each restart, because rows of expired ones are deleted between.
 *
 * @param count of each kind, and at most so many users
 * @throws {AuthcostError} `gate.bad-credentials` where a logout fails.
 */
export async function makeBadCredentials(
  target: Pick<GateTarget, 'variant' | 'issue' | 'secrets'>,
  send: Send,
  count: number,
): Promise<BadCredential[]> {
  const { traits } = target.variant
  const issue = (nowMs: number, lifetimeS: number, fresh: boolean) =>
    target.issue({ fromUserId: 1, toUserId: count, nowMs, lifetimeS, fresh })
  const make: Readonly<Record<BadKind, () => Promise<readonly RequestHeaders[]>>> = {
    absent: async () => [{}],
    malformed: async () => [headersCarrying(traits.carrier, 'not-a-credential')],
    forged: async () => forgedFrom(target, await issue(Date.now(), ampleLifetimeS, false)),
    expired: () => issue(Date.now() - 2000 * ampleLifetimeS, ampleLifetimeS, true),
    revoked: async () => {
      const headers = await issue(Date.now(), ampleLifetimeS, true)
      for (const one of headers) await logOut(send, one)
      return headers
    },
  }
  const made: BadCredential[] = []
  for (const kind of badKindsOf(traits).sent) {
    for (const requestHeaders of await make[kind]()) made.push({ kind, requestHeaders })
  }
  return made
}

async function logOut(send: Send, headers: RequestHeaders): Promise<void> {
  const { status } = await send('POST', '/logout', headers)
  if (status < 400) return
  throw new AuthcostError('gate.bad-credentials', `A logout was answered ${status}, so nothing was revoked.`)
}

/** Forged as well as an outsider can: signed or sealed with a key of their own, or random in the same shape. */
async function forgedFrom(
  { variant, secrets }: Pick<GateTarget, 'variant' | 'secrets'>,
  good: readonly RequestHeaders[],
): Promise<RequestHeaders[]> {
  const { carrier, form } = variant.traits
  const first = credentialOf(good[0] ?? {}, carrier)
  const token = form === 'jwt' && first !== undefined ? parseToken(first) : undefined
  const foreign = token === undefined ? undefined : await foreignKey(algorithmOf(token.header))
  const forgedOf = async (credential: string): Promise<string> => {
    const parts = parseToken(credential)
    const signed = parts === undefined ? undefined : await foreign?.sign(parts.header, parts.claims)
    if (signed !== undefined) return signed
    const sealed = form === 'sealed' ? await openSealed(secrets ?? {}, credential) : undefined
    if (sealed !== undefined) return sealed.sealWithForeignKey(sealed.header, sealed.claims)
    return sameShape(credential, () => randomBytes(1).readUInt8())
  }
  return Promise.all(
    good.map(async (headers) => {
      const credential = credentialOf(headers, carrier)
      return credential === undefined ? {} : headersCarrying(carrier, await forgedOf(credential))
    }),
  )
}
