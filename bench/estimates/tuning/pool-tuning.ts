import { parseCpuList } from '../../environment/cpu-list.ts'
import type { EnvironmentRecord } from '../../record/environment.ts'
import type { Results } from '../../record/run.ts'
import type { PoolTuning } from '../../record/tuning.ts'
import { createMergedHistograms } from '../histogram-figures.ts'
import { instanceCounts, tableSizes } from './along-axis.ts'
import { breakEvens } from './break-even.ts'
import { poolCells } from './pool-cells.ts'
import { poolGrid } from './pool-grid.ts'
import { poolRecommendations } from './pool-recommendation.ts'
import { poolSentences } from './pool-sentences.ts'
import { scalabilities } from './scalability.ts'

/** Everything that `tune pool` answers, from the record alone (docs/method.md, Tuning). */
export function poolTuning(record: Pick<Results, 'plan' | 'slices' | 'environment'>): PoolTuning {
  const { environment } = record
  const grid = poolGrid(record)
  const merged = createMergedHistograms()
  const cores = coresOf(environment)
  const databaseCores = 'absent' in cores ? undefined : cores.database
  const { settings } = environment.postgres
  const { breakEven, crossings } = breakEvens(grid, merged)
  const sizes = tableSizes(grid, merged)
  const counts = instanceCounts(grid, merged)
  const tuning = {
    cells: [...poolCells(grid, merged)],
    recommendations: [...poolRecommendations(grid, merged, { databaseCores, settings })],
    scalability: [...scalabilities(grid)],
    breakEven: [...breakEven],
    crossings: [...crossings],
    ...(sizes.length === 0 ? {} : { tableSizes: [...sizes] }),
    ...(counts.length === 0 ? {} : { instanceCounts: [...counts] }),
    cores,
    notMeasurable: [...notMeasurable(environment, cores)],
  }
  return { ...tuning, sentences: poolSentences(record.plan, tuning) }
}

/** Two for the servers, one each for Postgres and driver. */
const fewestCores = 4

/** Cores that server and database were pinned to. */
function coresOf({ pinning }: EnvironmentRecord): PoolTuning['cores'] {
  if ('absent' in pinning) return pinning
  const [servers, database] = [parseCpuList(pinning.servers), parseCpuList(pinning.database)]
  if (servers.length === 0 || database.length === 0) return { absent: 'the CPU lists of the pinning name no CPU' }
  const shared = servers.every((cpu) => database.includes(cpu))
  return { servers: servers.length, database: database.length, shared }
}

/**
 * Several instances and limits of the thread pool need two server cores besides one each for Postgres and driver. Where
 * the machine has these, but they were not asked for, that is said instead.
 */
function notMeasurable({ machine }: EnvironmentRecord, cores: PoolTuning['cores']): readonly string[] {
  if (!('absent' in cores) && cores.servers >= 2 && !cores.shared) return []
  const { physicalCores } = machine
  if (!('absent' in cores) && !cores.shared && typeof physicalCores === 'number' && physicalCores >= fewestCores)
    return ['How several app instances share the database was not measured: --instances 1,2 does that here.']
  const count = machine.logicalCpus
  return [
    `Several app instances sharing the database, and limits of libuv's thread pool, are not measurable on ${count} ${count === 1 ? 'core' : 'cores'} as used here: they need at least two for the servers besides one each for Postgres and the driver.`,
  ]
}
