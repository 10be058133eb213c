import type { BurstySlice } from '../record/bursty.ts'
import type { CoreSpeedAdjustment } from '../record/core-speed.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import { type Absent, type CoreSpeed, isValid, type LoadMode, loadKey, type Slice } from '../record/slice.ts'
import {
  type ControlVariate,
  type CoPoint,
  controlVariate,
  errorAsNormal,
  normalQuantile975,
  type PriorSlope,
  withPrior,
} from '../statistics/control-variate.ts'
import type { Interval } from '../statistics/restart-interval.ts'
import { mean, median, quantile } from '../statistics/samples.ts'
import { betweenKinds, slopeOfKind, unknownMachine } from '../statistics/slope-prior.ts'
import { studentQuantile, studentTwoSidedP } from '../statistics/student-t.ts'

/** Of the fastest samples of the slices: low, because the floor is sharp, and in bad hours few slices see it. */
const fastest = 0.02
const slowest = 0.9
/** The floor lies between `fastest` and this quantile of the same. */
const floorAtMost = 0.1
/** Slices beyond one for each variant and load, before a slope is taken for more than chance. */
const fewestDegreesOfFreedom = 20
/** With a slope of its own for one kind of requests. */
const fewestRestarts = 3
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
  const groups = new Map<string, { readonly kind: string; readonly points: CoPoint[] }>()
  for (const slice of slices) {
    const speed = speedOf(slice)
    if (speed === undefined) continue
    const key = `${slice.variant} ${loadKey(slice.load)} ${slice.group} ${slice.set}`
    const group = groups.get(key) ?? { kind: kindOf(slice), points: [] }
    groups.set(key, group)
    const workingUs = slice.app.cpuUs - byTheClockUs(slice)
    if (workingUs > 0) {
      group.points.push({
        x: Math.log(speed.workUs),
        y: Math.log(workingUs / slice.requests),
        cluster: `${slice.group} ${slice.set} ${slice.restart}`,
      })
    }
  }
  const line = controlVariate(
    [...groups.values()].map(({ points }) => points),
    fewestDegreesOfFreedom,
  )
  if (line === undefined) return undefined
  const { explained } = line
  const { slope: likely, halfWidth } = withPrior(line, prior)
  const slope = within(likely)
  const distance = distanceOf([...groups.values()], floor.workUs)
  // Beyond the fastest that the run met it has nothing to say: there what is known beforehand counts alone.
  // It is a factor, and a large one: as far up as it may be wrong by is further than down.
  const beyond = Math.expm1(normalQuantile975 * prior.standardDeviation * floor.beyond)
  const commonError = Math.hypot(halfWidth * distance, slope * floor.logError, beyond)
  const own = { slope: line.slope, standardError: errorAsNormal(line) }
  const variants = [...new Set(slices.map(({ variant }) => variant))].map((variant) => {
    const kind = kindOf(slices.find((slice) => slice.variant === variant))
    const ofKind = [...groups.values()].filter((group) => group.kind === kind)
    const found = slopeOfKind(likely, lineOfKind(ofKind))
    const known = found.halfWidth * distanceOf(ofKind, floor.workUs)
    const ownError = Math.hypot(known, Math.expm1(normalQuantile975 * betweenKinds * floor.beyond))
    return { variant, slope: within(found.slope), ownError }
  })
  return { slope, own, slopeBeyond: within(prior.mean), commonError, variants, slices: line.points, explained }
}

interface Group {
  readonly kind: string
  readonly points: readonly CoPoint[]
}

/** The twin does what the control does, so it goes with speed as the control goes. */
const kindOf = (slice: Pick<Slice, 'role' | 'variant'> | undefined): string =>
  slice?.role === 'candidate' ? slice.variant : 'control'

/** A kind's own slope; undefined where too few restarts know it. */
function lineOfKind(groups: readonly Group[]): ControlVariate | undefined {
  const restarts = new Set(groups.flatMap(({ points }) => points.map(({ cluster }) => cluster)))
  if (restarts.size < fewestRestarts) return undefined
  return controlVariate(
    groups.map(({ points }) => points),
    restarts.size,
  )
}

/** From an undisturbed core to the mean slice, in logarithms. */
const distanceOf = (groups: readonly Group[], fastestUs: number): number => {
  const xs = groups.flatMap(({ points }) => points.map(({ x }) => x))
  return xs.length === 0 ? 0 : mean(xs) - Math.log(fastestUs)
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
  const loads = new Map(adjustment.loads.map((load) => [load.mode, slopesByVariant(load)]))
  return slices.map((slice) => {
    const mode = modeOf(slice.load.mode)
    const speed = speedOf(slice)
    const load = mode === undefined ? undefined : loads.get(mode)
    if (speed === undefined || load === undefined) return slice
    return scaled(slice, speed, factorOf(adjustment, load(slice.variant), speed.workUs))
  })
}

type Slopes = Pick<CoreSpeedAdjustment['loads'][number], 'slope' | 'slopeBeyond'>

function slopesByVariant({
  slope,
  slopeBeyond = 0,
  variants = [],
}: CoreSpeedAdjustment['loads'][number]): (variant: string) => Slopes {
  const own = new Map(variants.map((one) => [one.variant, one.slope]))
  return (variant) => ({ slope: own.get(variant) ?? slope, slopeBeyond })
}

/** What a variant's CPU, read at saturation while the work took so long, is to be multiplied by; 1 where the run knows no slope. */
export function factorAtSaturation(
  adjustment: CoreSpeedAdjustment | Absent | undefined,
  variant: string,
  workUs: number,
): number {
  if (adjustment === undefined || 'absent' in adjustment) return 1
  const load = adjustment.loads.find(({ mode }) => mode === 'saturation')
  return load === undefined ? 1 : factorOf(adjustment, slopesByVariant(load)(variant), workUs)
}

/** From the speed of a slice to the fastest that its run met by the run's slope, and from there to the reference by the slope of other runs. */
function factorOf(
  { referenceWorkUs, fastestWorkUs = referenceWorkUs }: CoreSpeedAdjustment,
  { slope, slopeBeyond = 0 }: Slopes,
  workUs: number,
): number {
  return (fastestWorkUs / workUs) ** slope * (referenceWorkUs / fastestWorkUs) ** slopeBeyond
}

/** Whose figure of CPU it is. */
export interface FigureOfCpu {
  readonly mode: LoadMode
  readonly kind: 'absolute' | 'cost' | 'ratio'
  readonly variant: string
  readonly baseline?: string | undefined
  /** CPU of the two by themselves, in the figure's unit; undefined where it is not known. */
  absolute(variant: string): number | undefined
}

/**
 * An interval of CPU with what speed may make it wrong by: in common with all figures of its load, and by the slopes of its own two
 * sides, added in quadrature. What is common moves no difference across 0 and cancels out in a ratio; what is not is in p as well.
 */
export function withSpeedError(
  interval: Interval,
  { mode, kind, variant, baseline, absolute }: FigureOfCpu,
  adjustment: CoreSpeedAdjustment | Absent,
): Interval {
  const load = 'absent' in adjustment ? undefined : adjustment.loads.find((one) => one.mode === modeOf(mode))
  if (load === undefined) return interval
  const own = (id: string | undefined) => load.variants?.find((one) => one.variant === id)
  const [mine, theirs] = [own(variant), own(baseline)]
  // The twin's slope is the control's: what it is wrong by is the same on both sides.
  const alike = kind !== 'absolute' && mine?.slope === theirs?.slope && mine?.ownError === theirs?.ownError
  const shares = alike ? [] : [mine?.ownError ?? 0, theirs?.ownError ?? 0]
  if (kind === 'ratio') return wider(interval, Math.hypot(...shares), 0, 'ratio')
  const sizes = [variant, baseline].map((id) => Math.abs((id === undefined ? 0 : absolute(id)) ?? interval.value))
  const apart = Math.hypot(...shares.map((share, side) => share * (sizes[side] ?? 0)))
  return wider(interval, apart, load.commonError * Math.abs(interval.value), kind)
}

function wider(interval: Interval, apart: number, inCommon: number, kind: FigureOfCpu['kind']): Interval {
  if (apart === 0 && inCommon === 0) return interval
  const { value, low, high, restarts, confidence } = interval
  const [onScale, back] = kind === 'ratio' ? [Math.log, Math.exp] : [(x: number) => x, (x: number) => x]
  const halfWidth = (onScale(high) - onScale(low)) / 2
  const t = studentQuantile((1 + confidence) / 2, restarts - 1)
  const standardError = Math.hypot(halfWidth, apart) / t
  const whole = Math.hypot(halfWidth, apart, inCommon)
  return {
    ...interval,
    low: back(onScale(value) - whole),
    high: back(onScale(value) + whole),
    ...(apart === 0 ? {} : { p: studentTwoSidedP(onScale(value) / standardError, restarts - 1) }),
  }
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
