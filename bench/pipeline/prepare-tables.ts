import type { SessionLayout } from '../../servers/contract/session-layout.ts'
import type { PostgresHandle } from '../environment/postgres-handle.ts'
import { prepareDatabase } from '../launch/database-preparation.ts'
import type { RunRedis } from '../launch/redis.ts'
import { furtherTableSizes, type Plan } from '../plan/plan.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import type { Progress } from './progress.ts'
import { runLifetimeS } from './started-server.ts'
import type { SchemasBySessions } from './table-sizes.ts'

export interface TablesOptions {
  readonly plan: Plan
  readonly postgres: Pick<PostgresHandle, 'url' | 'schema' | 'schemaBeside'>
  /** Those that can be had here. */
  readonly layouts: readonly SessionLayout[]
  readonly redis: RunRedis | undefined
  readonly sessionSecret: string
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** The tables of a run, filled. */
export interface PreparedTables {
  readonly schemasBySessions: SchemasBySessions
  /** Every schema of the run. */
  readonly schemas: readonly string[]
  /** What answered as Redis, where sessions lie there. */
  readonly redis?: Pick<NonNullable<EnvironmentRecord['redis']>, 'product' | 'version'>
}

/** Fills the tables of the plan, and those of each further size in a schema beside them. */
export async function prepareTables(options: TablesOptions): Promise<PreparedTables> {
  const { plan, postgres, redis } = options
  const schemasBySessions = new Map<number, string>()
  const first = await fill(options, postgres.schema, plan.sessions, redis)
  for (const sessions of furtherTableSizes(plan)) {
    const schema = postgres.schemaBeside(String(sessions))
    // Redis is no table of any size: it was filled with the first.
    await fill(options, schema, sessions, undefined)
    schemasBySessions.set(sessions, schema)
  }
  return {
    schemasBySessions,
    schemas: [postgres.schema, ...schemasBySessions.values()],
    ...(first.redis === undefined ? {} : { redis: first.redis }),
  }
}

async function fill(
  { plan, postgres, layouts, sessionSecret, progress, signal }: TablesOptions,
  databaseSchema: string,
  sessions: number,
  redis: RunRedis | undefined,
): Promise<Awaited<ReturnType<typeof prepareDatabase>>> {
  const prepared = await prepareDatabase(
    {
      databaseUrl: postgres.url,
      databaseSchema,
      users: plan.users,
      sessions,
      sessionSecret,
      sessionLifetimeS: runLifetimeS,
      writes: false,
      sessionLayouts: layouts.filter(({ store }) => store === 'postgres' || redis !== undefined),
      ...(redis === undefined ? {} : { redis: { url: redis.handle.url, keyPrefix: redis.keyPrefix } }),
    },
    (phase, done, total) => progress.phase(phase, total > 0 ? done / total : undefined),
    signal,
  )
  for (const notice of prepared.notices) progress.notice(notice)
  return prepared
}
