import type { Revocation, RevocationEvent } from '../../servers/contract/revocation.ts'
import type { RevocationLag } from '../record/run.ts'

/** A promise that is longer is not waited for. */
export const longestWaitMs = 5000

/** What a promise comes to at the most, and why. */
export type PromisedLag = Pick<RevocationLag, 'atMostMs' | 'formula'>

/** What a promise comes to at the most, in milliseconds and in words; undefined where there is nothing to revoke. */
export function promisedLag(revocation: Revocation, event: RevocationEvent): PromisedLag | undefined {
  switch (revocation.kind) {
    case 'not-applicable':
      return undefined
    case 'next-request':
      return { atMostMs: 0, formula: `${event === 'role-change' ? 'known' : 'refused'} from the next request on` }
    case 'within':
      return { atMostMs: revocation.ms, formula: `up to what the variant keeps: ${revocation.ms / 1000} s` }
    case 'at-expiry':
      return {
        atMostMs: revocation.lifetimeS * 1000,
        formula: `up to the lifetime of the credential: ${revocation.lifetimeS} s`,
      }
    case 'when-unused':
      return {
        atMostMs: { absent: 'each use puts the end off' },
        formula: `${revocation.idleS} s after the last request, whenever that is`,
      }
  }
}

/**
 * Lifetime of a credential, or of what a server keeps of it, where its own is too long to wait for. Tokens count whole
 * seconds, rounded down at issue: a lifetime of one second may have ended when it begins.
 */
export const shortLifetimeS = 2

/** Whether what servers keep is kept for a shorter time, because its own is too long to wait for. */
export const keepsForShorter = (revocation: Revocation): boolean =>
  revocation.kind === 'within' && revocation.ms > longestWaitMs && revocation.canBeShortened === true

/** Whether a logout shows its lag only where the user logs out at another server than the one that is asked. */
export const needsPeer = (revocation: Revocation): boolean =>
  revocation.kind === 'within' && (revocation.ms <= longestWaitMs || keepsForShorter(revocation))

/** Why a lag is absent that was waited for in vain. */
export const stillAsBefore = (waitedMs: number): string => `still as before after ${waitedMs / 1000} s`
