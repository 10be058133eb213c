import { createHash } from 'node:crypto'
import { seededIdentity } from '../contract/identity.ts'
import type { StateSize } from '../contract/state-size.ts'
import { ExpiringCache } from './expiring-cache.ts'
import { parsedAnew, weighEntries } from './heap-size.ts'

/** An entry of a cache of identities: its key is as long as a SHA-256, its value what a look-up answers. */
export const cachedIdentityState = (what: string): StateSize =>
  weighEntries(what, {
    make: () => new ExpiringCache<object>(Number.POSITIVE_INFINITY, () => 0),
    add: (cache, n) => {
      const key = createHash('sha256').update(String(n)).digest().toString('latin1')
      cache.set(key, parsedAnew(seededIdentity(n)), 1_800_000_000_000 + n)
    },
  })
