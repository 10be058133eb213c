import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { foundSlopeSchema, speedModeSchema } from '../record/core-speed.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import { quantile } from '../statistics/samples.ts'
import { slopeAfter } from '../statistics/slope-prior.ts'
import { stateFolder } from './lock-file.ts'
import { machineFingerprint } from './process-identity.ts'

/** Of one kind of core; a machine whose cores have become slower for good has forgotten the faster ones after as many. */
const runsKept = 20
/** Of all kinds: another processor, another Node, other cores. */
const entriesKept = 200
/** Near the fastest run, and not the fastest itself: a clock that was faster once is no undisturbed core of today. */
const undisturbedShare = 0.1

const entrySchema = z.object({
  run: z.string(),
  machine: z.string(),
  cpuModel: z.string(),
  node: z.string(),
  cpus: z.string(),
  workUs: z.number().positive(),
  slopes: z.array(foundSlopeSchema.extend({ mode: speedModeSchema })),
})
const fileSchema = z.object({ version: z.literal(1), runs: z.array(entrySchema) })
type Entry = z.infer<typeof entrySchema>

/** What a run found of its cores. */
export type FoundSpeed = Pick<Entry, 'workUs' | 'slopes'>

/** Cores on which the same work takes as long, as long as nobody disturbs it. */
export type CoreKind = Pick<Entry, 'machine' | 'cpuModel' | 'node' | 'cpus'>

/**
 * The cores that servers run on.
 *
 * @param cpus a list as `taskset -c` takes it
 */
export const coreKindOf = (cpus: string, cpuModel: string): CoreKind => ({
  machine: machineFingerprint(),
  cpuModel,
  // Its compilers decide how long the work takes.
  node: process.version.split('.')[0] ?? process.version,
  cpus,
})

/**
 * What the speed probe's work took at its best in earlier runs on these cores, and how CPU went with it. A run that never meets an
 * undisturbed core, or few changes of speed, cannot know that from itself (docs/method.md, Core speed).
 *
 * @returns undefined where no earlier run is known.
 */
export function knownCoreSpeed(kind: CoreKind, folder: string = speedFolder()): EnvironmentRecord['coreSpeed'] {
  const own = read(folder)
    .filter((entry) => isOf(kind, entry))
    .slice(-runsKept)
  if (own.length === 0) return undefined
  return {
    undisturbedWorkUs: quantile(
      own.map(({ workUs }) => workUs),
      undisturbedShare,
    ),
    runs: own.length,
    slopes: speedModeSchema.options.flatMap((mode) => {
      const found = own.flatMap(({ slopes }) => slopes.filter((slope) => slope.mode === mode))
      if (found.length === 0) return []
      const { mean, standardDeviation } = slopeAfter(found)
      return [{ mode, slope: mean, standardDeviation }]
    }),
  }
}

/**
 * Keeps what a run found, once for a run that was continued. A folder that cannot be written to costs no more than the memory.
 *
 * @param found what the work took at its best, microseconds, and the slopes that the run found by itself
 */
export function noteCoreSpeed(kind: CoreKind, run: string, found: FoundSpeed, folder: string = speedFolder()): void {
  const others = read(folder).filter((entry) => entry.run !== run)
  const own = others.filter((entry) => isOf(kind, entry)).slice(1 - runsKept)
  const rest = others.filter((entry) => !isOf(kind, entry)).slice(own.length + 1 - entriesKept)
  const path = pathIn(folder)
  const temporary = `${path}.${process.pid}.tmp`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(temporary, JSON.stringify({ version: 1, runs: [...rest, ...own, { ...kind, run, ...found }] }), {
      mode: 0o600,
    })
    renameSync(temporary, path)
  } catch {
    try {
      rmSync(temporary, { force: true })
    } catch {
      // There is no such folder.
    }
  }
}

const isOf = (kind: CoreKind, entry: Entry): boolean =>
  entry.machine === kind.machine &&
  entry.cpuModel === kind.cpuModel &&
  entry.node === kind.node &&
  entry.cpus === kind.cpus

/** Oldest first. A file that is missing or damaged holds nothing; the next run writes it anew. */
function read(folder: string): readonly Entry[] {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(readFileSync(pathIn(folder), 'utf8')))
    return parsed.success ? parsed.data.runs : []
  } catch {
    return []
  }
}

const speedFolder = (): string => dirname(stateFolder())

const pathIn = (folder: string): string => join(folder, 'core-speed.json')
