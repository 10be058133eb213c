import type { CountedDatabase, RefusalReason, Strategy } from '../../contract/strategy.ts'
import { denyFamily, isFamilyDenied } from '../../database/denied-families.ts'

/** What a denylist says of a token that is good otherwise: undefined, or why it is refused all the same. */
export type DenialVerdict = Extract<RefusalReason, 'revoked' | 'unavailable'> | undefined

/**
 * Families of access tokens (one login each, `fid`) that were ended before their tokens expired. By family, so that it
 * covers tokens which a refresh made beside the one that was logged out with, and those of a thief whose refresh token
 * was found out (RFC 7009 section 2.1: all access tokens of the same grant).
 */
export interface Denylist {
  check(familyId: string): DenialVerdict | Promise<DenialVerdict>
  /** @param untilS when the last access token of the family ends, seconds since the epoch. */
  deny(familyId: string, untilS: number): Promise<void>
  readonly prewarm?: Strategy['prewarm']
  counters(): Readonly<Record<string, number>>
  close(): Promise<void>
}

const toVerdict = (denied: boolean): DenialVerdict => (denied ? 'revoked' : undefined)

/** Asks Postgres for every token: what is revoked is refused by the next request. A database that is down: 503. */
export function denylistInPostgres(database: CountedDatabase): Denylist {
  return {
    check: (familyId) => isFamilyDenied(database, familyId).then(toVerdict),
    deny: (familyId, untilS) => denyFamily(database, familyId, untilS),
    async prewarm(connection) {
      await isFamilyDenied(connection, '00000000-0000-4000-8000-000000000000')
    },
    counters: () => ({}),
    close: async () => {},
  }
}
