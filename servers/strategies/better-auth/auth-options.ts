import type { BetterAuthOptions } from 'better-auth'
import type { Pool } from 'pg'
import type { BetterAuthParameters } from '../better-auth.ts'
import { tableNames } from './auth-tables.ts'

/** Where a user would reach the server: `https`, so that cookies have their production names. */
const baseURL = 'https://authcost.invalid'

/**
 * The library's configuration: its defaults, the parameters, and what an application has to say (database, secret,
 * address, the fields of its own). Nothing is sent to anybody.
 *
 * @param cacheMaxAgeS how long the cached cookie that this instance sets is fresh, seconds.
 */
export const authOptions = (
  parameters: BetterAuthParameters,
  { pool, secret, cacheMaxAgeS }: { readonly pool: Pool; readonly secret: string; readonly cacheMaxAgeS: number },
) =>
  ({
    database: pool,
    secret,
    baseURL,
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: { database: { joins: parameters.joins === 'on' } },
    user: {
      modelName: tableNames.user,
      additionalFields: {
        userId: { type: 'number', required: true, input: false },
        role: { type: 'string', required: true, input: false },
      },
    },
    session: {
      modelName: tableNames.session,
      ...(parameters.cookieCache === 'on' ? { cookieCache: { enabled: true, maxAge: cacheMaxAgeS } } : {}),
    },
    account: { modelName: tableNames.account },
    verification: { modelName: tableNames.verification },
  }) satisfies BetterAuthOptions
