import type { CountedDatabase, RefusalReason, Strategy } from '../../contract/strategy.ts'
import { denyToken, isTokenDenied } from '../../database/denied-tokens.ts'

/** What a denylist says of a token that is good otherwise: undefined, or why it is refused all the same. */
export type DenialVerdict = Extract<RefusalReason, 'revoked' | 'unavailable'> | undefined

/** Tokens that were revoked before they expired, by `jti`. */
export interface Denylist {
  check(tokenId: string): DenialVerdict | Promise<DenialVerdict>
  deny(tokenId: string, expiresAtS: number): Promise<void>
  readonly prewarm?: Strategy['prewarm']
  counters(): Readonly<Record<string, number>>
  close(): Promise<void>
}

const toVerdict = (denied: boolean): DenialVerdict => (denied ? 'revoked' : undefined)

/** Asks Postgres for every token: what is revoked is refused by the next request. A database that is down: 503. */
export function denylistInPostgres(database: CountedDatabase): Denylist {
  return {
    check: (tokenId) => isTokenDenied(database, tokenId).then(toVerdict),
    deny: (tokenId, expiresAtS) => denyToken(database, tokenId, expiresAtS),
    async prewarm(connection) {
      await isTokenDenied(connection, '00000000-0000-4000-8000-000000000000')
    },
    counters: () => ({}),
    close: async () => {},
  }
}
