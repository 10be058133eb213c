import { capitalised } from '../metrics/format.ts'
import type { CoreSpeedAdjustment } from '../record/core-speed.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import type { Estimate } from '../record/estimate.ts'
import type { Results, Warning } from '../record/run.ts'
import { type Absent, isValid, type Load, loadKey, type Slice } from '../record/slice.ts'
import { median } from '../statistics/samples.ts'
import { cpuInWords } from './companions.ts'
import { describeLoad } from './describe-load.ts'
import { falseAnswers } from './false-answers.ts'
import type { Figure } from './figure.ts'
import { notKeptUp } from './not-kept-up.ts'
import { rankingChanges } from './ranking.ts'
import { unsettledVariants } from './unsettled.ts'

export interface WarningInput {
  readonly plan: Results['plan']
  readonly slices: readonly Slice[]
  /** The same with CPU at one speed of the cores. */
  readonly atOneSpeed: readonly Slice[]
  readonly warmUps: Results['warmUps']
  readonly figures: readonly Figure[]
  readonly estimates: readonly Estimate[]
  readonly withoutBand: readonly Figure[]
  readonly coreSpeed: CoreSpeedAdjustment | Absent
  readonly environment: Pick<EnvironmentRecord, 'coreSpeed'>
}

/** Doubts about the run that only its estimates show; each with a remedy. */
export const warningsOf = (input: WarningInput): Warning[] => [
  ...falseAnswers(input.slices),
  ...tooManyDoubtful(input.slices),
  ...twinDiffers(input.figures.filter(isDefault)),
  ...noNoiseBand(input.withoutBand.filter(isDefault)),
  ...notSteady(input.warmUps),
  ...notKeptUp(input.plan, input.slices),
  ...unsettledVariants(input.plan, input.atOneSpeed),
  ...neverUndisturbed(input),
  ...speedVaried(input),
  ...controlIdled(input),
  ...totalDiffers(input.figures.filter(isDefault)),
  ...rankingDiffers(input),
]

/** Warnings are about the figures that the headline gives: those of production's Node flags have tables of their own. */
const isDefault = ({ cell }: Figure): boolean => cell.group === 'default'

function tooManyDoubtful(slices: readonly Slice[]): Warning[] {
  const doubtful = slices.filter((slice) => !isValid(slice))
  if (doubtful.length <= 0.2 * slices.length) return []
  const counts = new Map<string, number>()
  for (const slice of doubtful) {
    for (const code of new Set(slice.doubts.map(({ code }) => code))) counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  const reasons = [...counts].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`)
  const share = Math.round((100 * doubtful.length) / slices.length)
  return [
    {
      code: 'too-many-doubtful',
      message: `${doubtful.length} of ${slices.length} slices (${share} %) are doubtful and left out: ${reasons.join(', ')}.`,
      remedy: 'Measure on a quieter machine, or run `doctor` to see what disturbs this one.',
      severity: 'high',
    },
  ]
}

function twinDiffers(figures: readonly Figure[]): Warning[] {
  return figures
    .filter(
      ({ comparison, metric, kind }) =>
        comparison.role === 'twin' && metric.id === 'appCpuUsPerRequest' && kind === 'cost',
    )
    .filter(({ interval }) => (interval.low > 0 || interval.high < 0) && Math.abs(interval.value) > 1)
    .map(({ comparison, metric, cell, interval }) => ({
      code: 'twin-differs',
      variant: comparison.variant,
      message: `The control and its identical twin differ by ${metric.format(interval.value)} us of app CPU per request ${describeLoad(cell.load)} (95 % interval ${metric.format(interval.low)} to ${metric.format(interval.high)}): something but the strategy moves the figures of this run.`,
      remedy: 'Trust no difference of this size. Measure again with more restarts, on a quieter machine.',
      severity: 'high' as const,
    }))
}

function noNoiseBand(withoutBand: readonly Figure[]): Warning[] {
  if (withoutBand.length === 0) return []
  const places = new Set(withoutBand.map(({ metric, cell }) => `${metric.label} ${describeLoad(cell.load)}`))
  return [
    {
      code: 'no-noise-band',
      message: `The twin of the control gave no interval for ${[...places].join(', ')}: differences there carry no verdict.`,
      remedy: 'Let the run finish at least 3 restarts, and see why the twin was left out.',
      severity: 'low',
    },
  ]
}

function notSteady(warmUps: Results['warmUps']): Warning[] {
  const restless = warmUps.filter(({ steady }) => !steady)
  if (restless.length <= 0.2 * warmUps.length) return []
  return [
    {
      code: 'warm-up-not-steady',
      message: `${restless.length} of ${warmUps.length} servers were not steady when their measuring began: figures may still be falling.`,
      remedy: 'Measure on a quieter machine; run `doctor` to see what disturbs this one.',
      severity: 'low',
    },
  ]
}

/** Slices so much slower than the undisturbed core are put at its speed by a slope whose error is theirs in common. */
const farFromReference = 1.3
/** A share of every figure of CPU that its reader should know of, whatever the speed. */
const noticeableInCommon = 0.05

/** The control does the same work in every restart; when that takes this much more CPU at times, the machine did it. */
const speedLimit = 0.15

/**
 * On shared hosts a core is up to half as slow for minutes, without any steal being reported. Costs are differences, so
 * they grow with it. Where the speed was sampled, figures of CPU are put at one speed; else intervals hold what happened
 * within the run, not what the next hour brings.
 */
function speedVaried({ slices, coreSpeed }: WarningInput): Warning[] {
  // Load by load: what a request costs depends on how many are under way, and a sweep's restarts differ in their loads.
  const byLoad = new Map<string, Slice[]>()
  for (const slice of slices.filter(isOfSaturatedControl)) {
    const key = loadKey(slice.load)
    byLoad.set(key, [...(byLoad.get(key) ?? []), slice])
  }
  const ranges = [...byLoad.values()].map(restartRange).filter((range) => range !== undefined)
  const widest = ranges.sort((a, b) => b.spread - a.spread)[0]
  if (widest === undefined || widest.spread <= speedLimit) return []
  const { fastest, slowest, load } = widest
  const seen = `This machine's speed changed during the run: the control itself took ${fastest.toFixed(1)} to ${slowest.toFixed(1)} us of app CPU per request ${describeLoad(load)}, restart by restart.`
  if (!('absent' in coreSpeed)) {
    const inCommon = Math.max(...coreSpeed.loads.map(({ commonError }) => commonError))
    const far = coreSpeed.medianWorkUs > farFromReference * coreSpeed.referenceWorkUs
    return [
      {
        code: 'speed-varied',
        message: `${seen} Figures of CPU are put at the speed that its cores have while nobody disturbs them; throughput and latency are as they came.${
          far || inCommon > noticeableInCommon
            ? ` What all figures of CPU may be wrong by in common, up to ${(100 * inCommon).toPrecision(2)} % of each, is in their intervals.`
            : ''
        }`,
        remedy: 'Compare variants within one run, or measure on a machine of your own.',
        severity: 'low',
      },
    ]
  }
  return [
    {
      code: 'speed-varied',
      message: `${seen} The intervals hold this; a run at another hour may lie outside them.`,
      remedy: 'Compare variants within one run, never figures of two runs, or measure on a machine of your own.',
      severity: 'low',
    },
  ]
}

/** Runs of an undisturbed machine find its cores equally fast, but for some per cent. */
const noticeablySlower = 1.1

/** From a run that a neighbour disturbed all the time nothing tells that it was; from earlier ones on the same cores it shows. */
function neverUndisturbed({ coreSpeed, environment: { coreSpeed: known } }: WarningInput): Warning[] {
  if ('absent' in coreSpeed || known === undefined || coreSpeed.fastestWorkUs === undefined) return []
  const slower = coreSpeed.fastestWorkUs / known.undisturbedWorkUs
  if (slower < noticeablySlower) return []
  const us = (workUs: number): string => `${workUs.toFixed(0)} us`
  const inCommon = Math.max(...coreSpeed.loads.map(({ commonError }) => commonError))
  return [
    {
      code: 'never-undisturbed',
      message: `The servers' cores were slow all the time: a fixed piece of work took ${us(coreSpeed.fastestWorkUs)} at best, ${us(known.undisturbedWorkUs)} in earlier runs on this machine. Figures of CPU are put at that speed, and what they may all be wrong by in common, up to ${(100 * inCommon).toPrecision(2)} % of each, is in their intervals; throughput and latency are as they came, ${Math.round(100 * (slower - 1))} % slower or more.`,
      remedy: 'Measure again at another hour, or on a machine of your own (`npm run bench -- doctor` shows the speed).',
      severity: 'high',
    },
  ]
}

/** How far apart a control's restarts lie under one load; undefined with fewer than two. */
function restartRange(
  slices: readonly Slice[],
): { readonly fastest: number; readonly slowest: number; readonly spread: number; readonly load: Load } | undefined {
  const byRestart = new Map<number, number[]>()
  for (const { restart, app, requests } of slices) {
    byRestart.set(restart, [...(byRestart.get(restart) ?? []), app.cpuUs / requests])
  }
  const medians = [...byRestart.values()].map(median)
  const [first] = slices
  if (first === undefined || medians.length < 2) return undefined
  const [fastest, slowest] = [Math.min(...medians), Math.max(...medians)]
  return { fastest, slowest, spread: (slowest - fastest) / median(medians), load: first.load }
}

/** Of control or twin, whose work is the same in every slice. */
const isOfSaturatedControl = (slice: Slice): boolean =>
  slice.role !== 'candidate' && slice.load.mode === 'saturation' && slice.group === 'default' && isValid(slice)

/** Less of a core than this, and the control's cost holds wake-ups that busier servers share (docs/method.md, Validity). */
const busyControl = 0.75

/**
 * The cheapest server is the first that the driver cannot keep busy, on a machine whose driver's core is slow. Sweeps
 * leave servers idle on purpose.
 */
function controlIdled({ plan, slices }: WarningInput): Warning[] {
  const levels = plan.loads.filter(({ load }) => load.mode === 'saturation').length
  if (levels > 1 || plan.variants.some(({ deployment }) => deployment !== undefined)) return []
  const shares = slices.filter(isOfSaturatedControl).map(({ app, durationMs }) => app.cpuUs / (durationMs * 1000))
  if (shares.length === 0 || median(shares) >= busyControl) return []
  return [
    {
      code: 'control-not-saturated',
      message: `At saturation the control kept only ${Math.round(100 * median(shares))} % of a core busy: the load driver was the limit. Its requests pay for waking up, so it reads some per cent too dear there, and what others cost over it too cheap by as much.`,
      remedy: 'Rely on the cost at the fixed rate, or measure where the driver has a faster or quieter core.',
      severity: 'low',
    },
  ]
}

/** Medians of short slices hide what is rare and real; the total holds it, and outliers of the machine as well. */
function totalDiffers(figures: readonly Figure[]): Warning[] {
  return figures.flatMap(({ comparison, metric, kind, cell, interval, total }) => {
    const headlined = metric.id === 'appCpuUsPerRequest' || metric.id === 'databaseCpuUsPerRequest'
    if (kind !== 'cost' || !headlined || comparison.role !== 'candidate' || comparison.pairwise || total === undefined)
      return []
    if (total >= interval.low && total <= interval.high) return []
    return [
      {
        code: 'total-differs-from-median',
        variant: comparison.variant,
        message: `${metric.label} of ${comparison.variant} ${describeLoad(cell.load)}: the typical slice costs ${metric.format(interval.value)} us, all slices together ${metric.format(total)} us. Rare costs or disturbances make up the difference.`,
        remedy: 'Use the total for capacity. If it changes from run to run, the machine is at fault, not the strategy.',
        severity: 'low' as const,
      },
    ]
  })
}

function rankingDiffers({ plan, slices, estimates }: WarningInput): Warning[] {
  const label = (id: string): string => plan.variants.find((variant) => variant.id === id)?.label ?? id
  const candidates = plan.variants.filter(({ role }) => role === 'candidate').map(({ id }) => id)
  return rankingChanges(estimates, new Set(candidates)).map(({ metric, first, second, firstLoad, secondLoad }) => ({
    code: 'ranking-differs-between-loads',
    message: `${capitalised(cpuInWords(metric, { slices }))}, ${label(first)} is cheaper than ${label(second)} ${describeLoad(firstLoad)}, but dearer ${describeLoad(secondLoad)}.`,
    remedy: 'Choose by the load that resembles yours.',
    severity: 'low',
  }))
}
