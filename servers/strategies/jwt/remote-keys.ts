import { AuthcostError } from '../../contract/errors.ts'
import type { AlgorithmName } from './algorithms.ts'
import type { KeyVerifier, MakeKeyVerifier } from './key-verifier.ts'
import { fromJwks, type PublicJwk, toJwks } from './public-key-set.ts'
import type { KeySource } from './verify-token.ts'

/** A key that the issuer has taken out of its set is accepted this long at most. */
export const keySetMaxAgeMs = 600_000
/** From this age on the set is fetched again beside the requests, so that none has to wait for it. */
export const keySetRefreshMs = keySetMaxAgeMs * 0.8
/** At most one fetch in this time for an unknown `kid`: anyone can make one up, and fetches must not follow from that. */
export const unknownKeyCooldownMs = 30_000
/** With a set that is too old every request needs a new one: after a failure they are refused at once for this long. */
export const failureCooldownMs = 1000

export interface RemoteKeysOptions {
  readonly alg: AlgorithmName
  readonly make: MakeKeyVerifier
  /** Answers the JWK set, parsed from JSON. */
  readonly fetchKeySet: () => Promise<unknown>
  readonly now: () => number
}

/**
 * Another service's public keys, fetched, cached, and fetched again on an unknown `kid` (RFC 7517 section 4.5). Where the
 * set is too old and its service does not answer, nothing can be decided: `find` rejects, and the request gets 503.
 */
export class RemoteKeys implements KeySource {
  fetches = 0
  failedFetches = 0
  readonly #options: RemoteKeysOptions
  #verifiers: ReadonlyMap<string, KeyVerifier> = new Map()
  #published: readonly PublicJwk[] = []
  #fetchedAtMs = Number.NEGATIVE_INFINITY
  #triedAtMs = Number.NEGATIVE_INFINITY
  #inFlight: Promise<void> | undefined

  constructor(options: RemoteKeysOptions) {
    this.#options = options
  }

  /** The usable keys of the set fetched last, as their issuer published them. */
  get published(): readonly PublicJwk[] {
    return this.#published
  }

  find(kid: string): KeyVerifier | undefined | Promise<KeyVerifier | undefined> {
    const nowMs = this.#options.now()
    const ageMs = nowMs - this.#fetchedAtMs
    if (ageMs >= keySetMaxAgeMs) {
      if (this.#inFlight === undefined && nowMs - this.#triedAtMs < failureCooldownMs) {
        return Promise.reject(unavailable())
      }
      return this.refresh().then(() => this.#verifiers.get(kid))
    }
    const verify = this.#verifiers.get(kid)
    const mayTry = nowMs - this.#triedAtMs >= unknownKeyCooldownMs
    if (verify === undefined) {
      // Whoever asks while a fetch is under way waits for it: its key may be the one that is coming.
      return mayTry || this.#inFlight !== undefined ? this.refresh().then(() => this.#verifiers.get(kid)) : undefined
    }
    // A failure here hurts nobody yet: the set is still young enough.
    if (ageMs >= keySetRefreshMs && mayTry) this.refresh().catch(() => {})
    return verify
  }

  /** Fetches the set now; calls at the same time share one fetch. */
  refresh(): Promise<void> {
    this.#inFlight ??= this.#load().finally(() => {
      this.#inFlight = undefined
    })
    return this.#inFlight
  }

  async #load(): Promise<void> {
    const { alg, make, fetchKeySet, now } = this.#options
    this.#triedAtMs = now()
    this.fetches++
    try {
      const verifiers = new Map<string, KeyVerifier>()
      const usable = await fromJwks(await fetchKeySet(), alg)
      for (const [kid, key] of usable) verifiers.set(kid, await make(key))
      this.#published = await toJwks(
        [...usable].map(([kid, key]) => ({ kid, key, retiredAtMs: undefined })),
        alg,
      )
      this.#verifiers = verifiers
      this.#fetchedAtMs = now()
    } catch (cause) {
      this.failedFetches++
      throw unavailable(cause)
    }
  }
}

const unavailable = (cause?: unknown): AuthcostError =>
  new AuthcostError('jwt.key-set', "The issuer's key set cannot be had. Does the issuer run?", { cause })

/** Longer than any healthy answer, shorter than a client's patience. */
const fetchTimeoutMs = 5000

/** The JWK set an issuer publishes. */
export async function fetchKeySet(issuerUrl: string): Promise<{ readonly keys: readonly PublicJwk[] }> {
  const answer = await fetch(new URL('/.well-known/jwks.json', issuerUrl), {
    redirect: 'error',
    signal: AbortSignal.timeout(fetchTimeoutMs),
  })
  if (!answer.ok) throw new AuthcostError('jwt.key-set', `The issuer answered ${answer.status} for its key set.`)
  return keySetOf(await answer.json())
}

function keySetOf(document: unknown): { readonly keys: readonly PublicJwk[] } {
  if (typeof document === 'object' && document !== null && 'keys' in document && Array.isArray(document.keys)) {
    return { keys: document.keys }
  }
  throw new AuthcostError('jwt.key-set', 'What the issuer publishes is no JWK set.')
}
