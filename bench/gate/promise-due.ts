import type { CredentialTraits } from '../../servers/contract/strategy.ts'

/** A promise that is longer is not waited for: the gate runs before every measurement. */
const longestWaitMs = 2000
/** What a timer and a clock may differ by. */
const graceMs = 50

/** For how long a revoked credential may be accepted, milliseconds. */
function promisedAfterMs({ revocation }: CredentialTraits): number {
  if (revocation.kind === 'next-request') return 0
  return revocation.kind === 'within' ? revocation.ms : Number.POSITIVE_INFINITY
}

/** Whether a revoked credential is promised to be refused soon enough for the gate to wait for it. */
export const promisedWithin = (traits: CredentialTraits): boolean => promisedAfterMs(traits) <= longestWaitMs

/** Waits until a credential that is revoked now must be refused. */
export async function promiseIsDue(traits: CredentialTraits): Promise<void> {
  const ms = promisedAfterMs(traits)
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms + graceMs))
}
