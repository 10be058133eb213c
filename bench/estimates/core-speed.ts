import type { BurstySlice } from '../record/bursty.ts'
import type { CoreSpeedAdjustment } from '../record/core-speed.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import { type Absent, type CoreSpeed, isValid, type LoadMode, loadKey, type Slice } from '../record/slice.ts'
import {
  type CoPoint,
  controlVariate,
  errorAsNormal,
  normalQuantile975,
  type PriorSlope,
  withPrior,
} from '../statistics/control-variate.ts'
import type { Interval } from '../statistics/restart-interval.ts'
import { mean, median, quantile } from '../statistics/samples.ts'
import { unknownMachine } from '../statistics/slope-prior.ts'

/** Of the fastest samples of the slices: low, because the floor is sharp, and in bad hours few slices see it. */
const fastest = 0.02
const slowest = 0.9
/** The floor lies between `fastest` and this quantile of the same. */
const floorAtMost = 0.1
/** Slices beyond one for each variant and load, before a slope is taken for more than chance. */
const fewestDegreesOfFreedom = 20
/** The steepest found was 1.9, where a neighbour takes more from requests than from the probe's work; far beyond is noise. */
const steepest = 2.5
const within = (slope: number): number => Math.min(steepest, Math.max(0, slope))

type Mode = CoreSpeedAdjustment['loads'][number]['mode']

/** Bad traffic saturates too. One connection sleeps between requests: its CPU is no figure to compare by. */
const modeOf = (mode: LoadMode): Mode | undefined =>
  mode === 'unloaded' ? undefined : mode === 'bad-traffic' ? 'saturation' : mode

const speedOf = ({ coreSpeed }: Slice): CoreSpeed | undefined =>
  coreSpeed === undefined || 'absent' in coreSpeed ? undefined : coreSpeed

/** What an adjustment is made of: what was read, and how fast earlier runs found the same cores. */
export interface SpeedRecord {
  readonly slices: readonly Slice[]
  readonly environment: Pick<EnvironmentRecord, 'coreSpeed'>
}

/**
 * How CPU per request went with the speed of the servers' cores in a run: a control variate. Per kind of load the slope
 * of log CPU over log speed, within variants, by least squares over all valid slices, with what is known of such slopes.
 * The reference is the fastest that the run, or earlier ones, found the cores to be.
 *
 * @returns absent where speed was not sampled, or in too few slices: then figures stand as they were read.
 */
export function coreSpeedOf({ slices, environment }: SpeedRecord): CoreSpeedAdjustment | Absent {
  const valid = slices.filter((slice) => isValid(slice) && modeOf(slice.load.mode) !== undefined && slice.app.cpuUs > 0)
  const speeds = valid.flatMap((slice) => speedOf(slice) ?? [])
  if (speeds.length === 0) return { absent: "the speed of the servers' cores was not sampled" }
  const floors = speeds.map(({ fastestWorkUs }) => fastestWorkUs)
  const ownUs = quantile(floors, fastest)
  const referenceWorkUs = Math.min(ownUs, environment.coreSpeed?.undisturbedWorkUs ?? ownUs)
  const floor = {
    workUs: ownUs,
    logError: Math.log(quantile(floors, floorAtMost) / ownUs),
    beyond: Math.log(ownUs / referenceWorkUs),
  }
  const known = new Map(
    environment.coreSpeed?.slopes.map(({ mode, slope, standardDeviation }) => [
      mode,
      { mean: slope, standardDeviation },
    ]),
  )
  const loads = (['saturation', 'fixed-rate'] as const).flatMap((mode) => {
    const line = slopeWithinVariants(
      valid.filter(({ load }) => modeOf(load.mode) === mode),
      floor,
      known.get(mode) ?? unknownMachine,
    )
    return line === undefined ? [] : [{ mode, ...line }]
  })
  if (loads.length === 0) return { absent: "too few slices to tell what the speed of the servers' cores does to CPU" }
  const works = speeds.map(({ workUs }) => workUs)
  return {
    referenceWorkUs,
    fastestWorkUs: ownUs,
    medianWorkUs: median(works),
    slowWorkUs: quantile(works, slowest),
    loads,
  }
}

function slopeWithinVariants(
  slices: readonly Slice[],
  floor: { readonly workUs: number; readonly logError: number; readonly beyond: number },
  prior: PriorSlope,
): Omit<CoreSpeedAdjustment['loads'][number], 'mode'> | undefined {
  const groups = new Map<string, CoPoint[]>()
  for (const slice of slices) {
    const speed = speedOf(slice)
    if (speed === undefined) continue
    const key = `${slice.variant} ${loadKey(slice.load)} ${slice.group} ${slice.set}`
    const points = groups.get(key) ?? []
    groups.set(key, points)
    const workingUs = slice.app.cpuUs - byTheClockUs(slice)
    if (workingUs > 0) {
      points.push({
        x: Math.log(speed.workUs),
        y: Math.log(workingUs / slice.requests),
        cluster: `${slice.group} ${slice.set} ${slice.restart}`,
      })
    }
  }
  const line = controlVariate([...groups.values()], fewestDegreesOfFreedom)
  if (line === undefined) return undefined
  const { points, explained } = line
  const { slope: likely, halfWidth } = withPrior(line, prior)
  const slope = within(likely)
  const distance = mean([...groups.values()].flat().map(({ x }) => x)) - Math.log(floor.workUs)
  // Beyond the fastest that the run met it has nothing to say: there what is known beforehand counts alone.
  const beyond = normalQuantile975 * prior.standardDeviation * floor.beyond
  const commonError = Math.hypot(halfWidth * distance, slope * floor.logError, beyond)
  const own = { slope: line.slope, standardError: errorAsNormal(line) }
  return { slope, own, slopeBeyond: within(prior.mean), commonError, slices: points, explained }
}

/**
 * The slices as they would have been with the servers' cores at the speed that they have undisturbed: every CPU time of a slice
 * times (the run's fastest / its own work) ^ slope, and (reference / fastest) ^ `slopeBeyond`. What is not CPU time stays as it is, and so do slices without a reading.
 */
export function atReferenceSpeed(
  record: SpeedRecord,
  adjustment: CoreSpeedAdjustment | Absent = coreSpeedOf(record),
): readonly Slice[] {
  return adjusted(record.slices, adjustment)
}

function adjusted(slices: readonly Slice[], adjustment: CoreSpeedAdjustment | Absent): readonly Slice[] {
  if ('absent' in adjustment) return slices
  const loads = new Map(adjustment.loads.map((load) => [load.mode, load]))
  return slices.map((slice) => {
    const mode = modeOf(slice.load.mode)
    const speed = speedOf(slice)
    const load = mode === undefined ? undefined : loads.get(mode)
    if (speed === undefined || load === undefined) return slice
    return scaled(slice, speed, factorOf(adjustment, load, speed.workUs))
  })
}

/** What CPU read at saturation while the work took so long is to be multiplied by; 1 where the run knows no slope. */
export function factorAtSaturation(adjustment: CoreSpeedAdjustment | Absent | undefined, workUs: number): number {
  if (adjustment === undefined || 'absent' in adjustment) return 1
  const load = adjustment.loads.find(({ mode }) => mode === 'saturation')
  return load === undefined ? 1 : factorOf(adjustment, load, workUs)
}

/** From the speed of a slice to the fastest that its run met by the run's slope, and from there to the reference by the slope of other runs. */
function factorOf(
  { referenceWorkUs, fastestWorkUs = referenceWorkUs }: CoreSpeedAdjustment,
  { slope, slopeBeyond = 0 }: Pick<CoreSpeedAdjustment['loads'][number], 'slope' | 'slopeBeyond'>,
  workUs: number,
): number {
  return (fastestWorkUs / workUs) ** slope * (referenceWorkUs / fastestWorkUs) ** slopeBeyond
}

/**
 * An interval of CPU under one load with what all of its figures may be wrong by in common. Verdicts do not change: what is
 * common moves no difference across 0.
 */
export function withCommonError(
  interval: Interval,
  mode: LoadMode,
  adjustment: CoreSpeedAdjustment | Absent,
): Interval {
  if ('absent' in adjustment) return interval
  const share = adjustment.loads.find((load) => load.mode === modeOf(mode))?.commonError ?? 0
  const halfWidth = Math.hypot((interval.high - interval.low) / 2, share * interval.value)
  return { ...interval, low: interval.value - halfWidth, high: interval.value + halfWidth }
}

/** The same of windows of hits and misses, by the adjustment of the run's own slices. */
export const windowsAtReferenceSpeed = (
  windows: readonly BurstySlice[],
  adjustment: CoreSpeedAdjustment | Absent,
): readonly BurstySlice[] => {
  const slices = adjusted(
    windows.map(({ slice }) => slice),
    adjustment,
  )
  return windows.map((window, index) => ({ ...window, slice: slices[index] ?? window.slice }))
}

/** What a known cost burnt: loops that end by the clock take as long on a slow core, and do less. */
const byTheClockUs = ({ app }: Slice): number => (app.strategy.syntheticCpuNs ?? 0) / 1000

function scaled(slice: Slice, speed: CoreSpeed, factor: number): Slice {
  const { app, database, processes, machine } = slice
  const burntUs = byTheClockUs(slice)
  const ofServer = (us: number): number => (us - burntUs) * factor + burntUs
  // Of cores that were not sampled nothing is known.
  const beside = speed.sharedCores ? factor : 1
  return {
    ...slice,
    app: {
      ...app,
      cpuUs: ofServer(app.cpuUs),
      eventLoopActiveUs: ofServer(app.eventLoopActiveUs),
      gcDurationUs: app.gcDurationUs * factor,
    },
    database:
      'absent' in database
        ? database
        : {
            ...database,
            cpuUs: database.cpuUs * beside,
            helpersCpuUs:
              typeof database.helpersCpuUs === 'number' ? database.helpersCpuUs * beside : database.helpersCpuUs,
          },
    ...(processes === undefined
      ? {}
      : {
          processes: processes.map(({ role, cpuUs }) => ({
            role,
            cpuUs: typeof cpuUs === 'number' ? cpuUs * beside : cpuUs,
          })),
        }),
    machine: 'absent' in machine ? machine : { ...machine, serverCoresBusyUs: ofServer(machine.serverCoresBusyUs) },
    coreSpeed: { ...speed, probeCpuUs: speed.probeCpuUs * factor },
  }
}
