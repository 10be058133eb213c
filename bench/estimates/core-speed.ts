import type { BurstySlice } from '../record/bursty.ts'
import type { CoreSpeedAdjustment } from '../record/core-speed.ts'
import { type Absent, type CoreSpeed, isValid, type LoadMode, loadKey, type Slice } from '../record/slice.ts'
import { type CoPoint, controlVariate, withPrior } from '../statistics/control-variate.ts'
import type { Interval } from '../statistics/restart-interval.ts'
import { mean, median, quantile } from '../statistics/samples.ts'

/** Of the fastest samples of the slices: low, because the floor is sharp, and in bad hours few slices see it. */
const fastest = 0.02
const slowest = 0.9
/** The floor lies between `fastest` and this quantile of the same. */
const floorAtMost = 0.1
/** Slices beyond one for each variant and load, before a slope is taken for more than chance. */
const fewestDegreesOfFreedom = 20
/** A core that is slower by a per cent cannot make requests dearer by much more; beyond is noise. */
const steepest = 1.5
/**
 * What a slope is before a run has told: of 74 runs on a shared host four fifths had 0.4 to 1.0, half 0.8 and more
 * (docs/method.md, Core speed). Counts where a run says little, because its speed changed once, or not at all.
 */
const priorSlope = { mean: 0.8, standardDeviation: 0.3 }

type Mode = CoreSpeedAdjustment['loads'][number]['mode']

/** Bad traffic saturates too. One connection sleeps between requests: its CPU is no figure to compare by. */
const modeOf = (mode: LoadMode): Mode | undefined =>
  mode === 'unloaded' ? undefined : mode === 'bad-traffic' ? 'saturation' : mode

const speedOf = ({ coreSpeed }: Slice): CoreSpeed | undefined =>
  coreSpeed === undefined || 'absent' in coreSpeed ? undefined : coreSpeed

/**
 * How CPU per request went with the speed of the servers' cores in a run: a control variate. Per kind of load the slope
 * of log CPU over log speed, within variants, by least squares over all valid slices, with what is known of such slopes.
 *
 * @returns absent where speed was not sampled, or in too few slices: then figures stand as they were read.
 */
export function coreSpeedOf(slices: readonly Slice[]): CoreSpeedAdjustment | Absent {
  const valid = slices.filter((slice) => isValid(slice) && modeOf(slice.load.mode) !== undefined && slice.app.cpuUs > 0)
  const speeds = valid.flatMap((slice) => speedOf(slice) ?? [])
  if (speeds.length === 0) return { absent: "the speed of the servers' cores was not sampled" }
  const floors = speeds.map(({ fastestWorkUs }) => fastestWorkUs)
  const floorUs = quantile(floors, fastest)
  const floor = { workUs: floorUs, logError: Math.log(quantile(floors, floorAtMost) / floorUs) }
  const loads = (['saturation', 'fixed-rate'] as const).flatMap((mode) => {
    const line = slopeWithinVariants(
      valid.filter(({ load }) => modeOf(load.mode) === mode),
      floor,
    )
    return line === undefined ? [] : [{ mode, ...line }]
  })
  if (loads.length === 0) return { absent: "too few slices to tell what the speed of the servers' cores does to CPU" }
  const works = speeds.map(({ workUs }) => workUs)
  return {
    referenceWorkUs: floorUs,
    medianWorkUs: median(works),
    slowWorkUs: quantile(works, slowest),
    loads,
  }
}

function slopeWithinVariants(
  slices: readonly Slice[],
  floor: { readonly workUs: number; readonly logError: number },
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
  const { slope: likely, halfWidth } = withPrior(line, priorSlope)
  const slope = Math.min(steepest, Math.max(0, likely))
  const distance = mean([...groups.values()].flat().map(({ x }) => x)) - Math.log(floor.workUs)
  return { slope, commonError: Math.hypot(halfWidth * distance, slope * floor.logError), slices: points, explained }
}

/**
 * The slices as they would have been with the servers' cores at the speed that they have undisturbed: every CPU time of a slice
 * times (reference / its own work) ^ slope. What is not CPU time stays as it is, and so do slices without a reading.
 */
export function atReferenceSpeed(slices: readonly Slice[], adjustment = coreSpeedOf(slices)): readonly Slice[] {
  if ('absent' in adjustment) return slices
  const slopes = new Map<Mode, number>(adjustment.loads.map(({ mode, slope }) => [mode, slope]))
  return slices.map((slice) => {
    const mode = modeOf(slice.load.mode)
    const speed = speedOf(slice)
    const slope = mode === undefined ? undefined : slopes.get(mode)
    if (speed === undefined || slope === undefined) return slice
    return scaled(slice, speed, (adjustment.referenceWorkUs / speed.workUs) ** slope)
  })
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
  const slices = atReferenceSpeed(
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
