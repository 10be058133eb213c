import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import type { VariantWarning } from '../contract/strategy.ts'
import { dataCookie, tokenCookie } from './better-auth/cookie-names.ts'
import { firstCookieWarning } from './library/first-cookie.ts'
import { importPeer } from './library/import-peer.ts'
import { memoryNotWeighed } from './library/memory-not-weighed.ts'

const parameters = z.object({
  cookieCache: z
    .enum(['on', 'off'])
    .default('off')
    .describe(
      'session and user also in a signed cookie, believed without a query while it is fresh (the library: off)',
    ),
  cacheMaxAgeS: z.coerce
    .number()
    .int()
    .positive()
    .default(300)
    .describe('with cookieCache=on: seconds that cookie is fresh (the library: 300)'),
  joins: z
    .enum(['on', 'off'])
    .default('off')
    .describe('fetch session and user in one query instead of two (the library: off)'),
})

export type BetterAuthParameters = z.infer<typeof parameters>

export const betterAuth = defineStrategy<BetterAuthParameters>({
  name: 'better-auth',
  summary: 'better-auth on Postgres: a signed token looked up by getSession, or with `cookieCache` a signed cookie.',
  parameters,
  label: ({ cookieCache, joins }) =>
    ['better-auth', ...(cookieCache === 'on' ? ['cookie cache'] : []), ...(joins === 'on' ? ['joins'] : [])].join(', '),
  needs: () => ['postgres'],
  traits: ({ cookieCache, cacheMaxAgeS }) => ({
    form: 'opaque',
    carrier: { kind: 'cookie', name: tokenCookie },
    revocation:
      cookieCache === 'on'
        ? { kind: 'within', ms: cacheMaxAgeS * 1000, canBeShortened: true }
        : { kind: 'next-request' },
    unguarded: ['duplicated cookie'],
    memoryNotWeighed,
    ...(cookieCache === 'on'
      ? {
          periodic: {
            everyMs: cacheMaxAgeS * 1000,
            what: 'the cached cookie of each user expires and is made anew',
            begins: { withoutCookie: dataCookie },
          },
        }
      : {}),
  }),
  warnings: ({ cookieCache, cacheMaxAgeS }) => [
    firstCookieWarning('better-auth'),
    hiddenFailureWarning,
    ...(cookieCache === 'on' ? [cacheWarning(cacheMaxAgeS)] : []),
  ],
  createSecrets: async () => ({
    authSecret: randomBytes(32).toString('hex'),
    sessionSecret: randomBytes(32).toString('hex'),
  }),
  load: () =>
    importPeer(
      'better-auth',
      'better-auth',
      async () => (await import('./better-auth/create-better-auth.ts')).createBetterAuthStrategy,
    ),
})

const hiddenFailureWarning: VariantWarning = {
  code: 'logout-failure-hidden',
  message:
    'better-auth answers a sign-out as done when the session could not be deleted: it logs the failure and goes on, and the session lives.',
  remedy: 'Watch its log for failed deletions, or look the session up once more after signing out.',
}

const cacheWarning = (seconds: number): VariantWarning => ({
  code: 'cookie-cache-always-fresh',
  message: `Measured requests carry a cached cookie that stays fresh, so this is the cost of a hit. In use each user pays a miss every ${seconds} s (measured apart under Hits and misses, where there is a fixed rate), and on every request where the answer's new cookie does not reach the browser.`,
  remedy: 'Watch queries per request in production: with the cookie cache in effect it is close to 0.',
})
