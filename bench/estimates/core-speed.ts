import { type CoreSpeedAdjustment, type SpeedMode, speedModeSchema } from '../record/core-speed.ts'
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
import { mean, median, quantile } from '../statistics/samples.ts'
import { betweenKinds, slopeOfKind, unknownMachine } from '../statistics/slope-prior.ts'

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

/** The kind of load whose slope counts. Bad traffic saturates too. One connection sleeps between requests: its CPU is no figure to compare by. */
export const modeOf = (mode: LoadMode): SpeedMode | undefined =>
  mode === 'unloaded' ? undefined : mode === 'bad-traffic' ? 'saturation' : mode

export const speedOf = ({ coreSpeed }: Slice): CoreSpeed | undefined =>
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
  const loads = speedModeSchema.options.flatMap((mode) => {
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
  const kinds = new Map<string, string>()
  for (const slice of slices) {
    kinds.set(slice.variant, kindOf(slice))
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
  const variants = [...kinds].map(([variant, kind]) => {
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

/** The twin does what the control does, and so does a known cost besides what it burns: they go with speed as the control goes. */
function kindOf({ role, variant, app }: Slice): string {
  const { syntheticCount, syntheticWaitNs = 0 } = app.strategy
  const isControl = role !== 'candidate' || (syntheticCount !== undefined && syntheticWaitNs === 0)
  return isControl ? 'control' : variant
}

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

/** What a known cost burnt: loops that end by the clock take as long on a slow core, and do less. */
export const byTheClockUs = ({ app }: Slice): number => (app.strategy.syntheticCpuNs ?? 0) / 1000
