import type { FastifyInstance } from 'fastify'
import { buildApp } from '../app.ts'
import type { CountedDatabase, Secrets, Strategy } from '../contract/strategy.ts'
import { absentDatabase } from '../database/pool.ts'
import { parseVariant, strategyNamed } from '../strategies/table.ts'
import { RequestCounters } from './request-counters.ts'

export interface UnderTest {
  readonly app: FastifyInstance
  readonly strategy: Strategy
  readonly secrets: Secrets
  readonly counters: RequestCounters
}

/** A server for `app.inject`, with a strategy as the table makes it. */
export async function serverWith(
  text: string,
  options: { readonly database?: CountedDatabase; readonly insecureCookies?: boolean; readonly secrets?: Secrets } = {},
): Promise<UnderTest> {
  const variant = parseVariant(text)
  const definition = strategyNamed(variant.strategy)
  const secrets = { ...(await definition.createSecrets(variant)), ...options.secrets }
  const database = options.database ?? absentDatabase()
  const strategy = await definition.create(variant, { database, secrets, now: Date.now })
  const counters = new RequestCounters()
  const app = await buildApp({
    variant,
    strategy,
    database,
    counters,
    insecureCookies: options.insecureCookies ?? false,
    logRequests: false,
    lifetimeS: 900,
  })
  return { app, strategy, secrets, counters }
}
