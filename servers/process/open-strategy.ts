import type { ServerConfiguration } from '../contract/protocol.ts'
import type { ResolvedVariant, Strategy, StrategyContext } from '../contract/strategy.ts'
import { openListeningConnection } from '../database/listening-connection.ts'
import { absentDatabase, CountedPool } from '../database/pool.ts'
import { loadStrategyFile } from '../strategies/load-file.ts'
import { strategyNamed } from '../strategies/table.ts'

/** What a process has before its strategy runs. */
export interface OpenStrategy {
  readonly variant: ResolvedVariant
  readonly context: StrategyContext
  /** Undefined where the configuration names no database. */
  readonly pool: CountedPool | undefined
  create(): Promise<Strategy>
}

/**
 * Finds the strategy that a configuration names and gives it its surroundings: the counted pool, secrets, the clock.
 * Opens no connection.
 *
 * @throws {AuthcostError} a usage error for a strategy or a parameter that does not exist.
 */
export async function openStrategy(configuration: ServerConfiguration): Promise<OpenStrategy> {
  const { databaseUrl, file } = configuration
  const definition = file === undefined ? strategyNamed(configuration.strategy) : await loadStrategyFile(file)
  const variant = definition.parse(configuration.parameters)
  const pool = databaseUrl === undefined ? undefined : new CountedPool({ ...configuration, databaseUrl })
  const context: StrategyContext = {
    database: pool ?? absentDatabase(),
    secrets: configuration.secrets,
    now: Date.now,
    ...(configuration.periodMs === undefined ? {} : { periodMs: configuration.periodMs }),
    ...(databaseUrl === undefined
      ? {}
      : {
          openListeningConnection: (listener) => openListeningConnection({ ...configuration, databaseUrl }, listener),
        }),
  }
  return { variant, context, pool, create: () => definition.create(variant, context) }
}
