import { randomUUID } from 'node:crypto'
import { seededIdentity } from '../../contract/identity.ts'
import type { StateSize } from '../../contract/state-size.ts'
import type { CountedDatabase } from '../../contract/strategy.ts'
import { deniedFamilyState, refreshState } from '../../database/state-size.ts'
import { parsedAnew, weighEntries } from '../heap-size.ts'
import type { JwtParameters } from '../jwt.ts'
import { VerifiedTokenCache } from './verified-token-cache.ts'

/** An expiry, seconds since the epoch: as large as one of these years. */
const expiresAtS = 1_800_000_000

/** What stands behind a signed token: its refresh tokens, and with a cache or a denylist their entries. */
export async function jwtState(
  { cache, denylist }: Pick<JwtParameters, 'cache' | 'denylist'>,
  database: CountedDatabase,
): Promise<readonly StateSize[]> {
  return [
    await refreshState(database),
    ...(cache === 0 ? [] : [verifiedTokenState()]),
    ...(denylist === 'none' ? [] : [await deniedFamilyState(database)]),
    ...(denylist === 'memory' ? [deniedInMemoryState()] : []),
  ]
}

const verifiedTokenState = (): StateSize =>
  weighEntries('verified token', {
    make: () => new VerifiedTokenCache(Number.POSITIVE_INFINITY),
    add: (cache, n) => {
      const claims = { user: seededIdentity(n), familyId: randomUUID(), expiresAtS }
      cache.set(VerifiedTokenCache.keyOf(String(n)), parsedAnew(claims))
    },
  })

const deniedInMemoryState = (): StateSize =>
  weighEntries('denied family of tokens', {
    make: () => new Map<string, number>(),
    // As a notification brings it: the id is a part of its text, which stays as long as the part does.
    add: (denied, n) => {
      const payload = parsedAnew(`${randomUUID()} ${expiresAtS + n}`)
      denied.set(payload.slice(0, payload.indexOf(' ')), expiresAtS + n)
    },
  })
