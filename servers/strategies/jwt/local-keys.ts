import type { KeyVerifier, MakeKeyVerifier } from './key-verifier.ts'
import type { NamedKey } from './read-keys.ts'
import type { KeySource } from './verify-token.ts'

/** When the last token that a retired key signed has expired, epoch milliseconds; undefined for the current key. */
export const acceptedUntilMs = (
  { retiredAtMs }: Pick<NamedKey, 'retiredAtMs'>,
  lifetimeS: number,
): number | undefined => (retiredAtMs === undefined ? undefined : retiredAtMs + lifetimeS * 1000)

/**
 * The keys a server was started with, ready to verify. A retired key is accepted for as long as a token can live that was
 * signed with it at the very last moment, and not longer.
 */
export async function localKeys(
  keys: readonly NamedKey[],
  make: MakeKeyVerifier,
  { lifetimeS, now }: { readonly lifetimeS: number; readonly now: () => number },
): Promise<KeySource> {
  const accepted = new Map<string, { readonly verify: KeyVerifier; readonly untilMs: number | undefined }>()
  for (const named of keys) {
    accepted.set(named.kid, { verify: await make(named.key), untilMs: acceptedUntilMs(named, lifetimeS) })
  }
  return {
    find(kid) {
      const found = accepted.get(kid)
      if (found?.untilMs !== undefined && now() >= found.untilMs) {
        accepted.delete(kid)
        return undefined
      }
      return found?.verify
    },
  }
}
