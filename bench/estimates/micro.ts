import type { Estimate } from '../record/estimate.ts'
import type { MicroKind, MicroRecord, MicroRun } from '../record/micro.ts'
import type { Results } from '../record/run.ts'
import type { Absent } from '../record/slice.ts'
import { type Bounds, differenceOfMeans, meanOfInterval, ratioOfMeans } from '../statistics/independent.ts'
import { type Interval, restartInterval } from '../statistics/restart-interval.ts'
import { factorAtSaturation } from './at-reference-speed.ts'
import { type VerifierRanking, verifierRankings } from './verifier-rankings.ts'

/** What one task takes, microseconds per call. */
export interface TaskFigure {
  readonly variant: string
  readonly task: string
  readonly kind: MicroKind
  readonly async: boolean
  /** Elapsed time of one call while no other is under way. */
  readonly elapsed: Interval | Absent
  /** CPU of all threads; with as many calls under way as there are connections, where they are asynchronous. */
  readonly cpu: Interval | Absent
}

/** A variant's step in process, beside what it costs over HTTP; microseconds. */
export interface StepShare {
  readonly variant: string
  readonly label: string
  /** CPU of the step over the control's. */
  readonly step: Interval | Absent
  /** App CPU per request over the control, at saturation. */
  readonly http: Estimate | Absent
  /** Step / cost over HTTP. */
  readonly share: Bounds | Absent
  /** Cost over HTTP - step. */
  readonly remainder: Bounds | Absent
}

export interface MicroFigures {
  readonly tasks: readonly TaskFigure[]
  readonly shares: readonly StepShare[]
  readonly rankings: readonly VerifierRanking[]
}

/** What the record says of the steps in process; undefined for a run that timed none. */
export function microOf(results: Results): MicroFigures | undefined {
  if (results.micro === undefined) return undefined
  const micro = { ...results.micro, runs: atOneSpeed(results.micro, results.coreSpeed) }
  const shares = sharesOf(results, micro)
  return { tasks: tasksOf(micro), shares, rankings: verifierRankings(results.plan.variants, shares) }
}

/**
 * CPU of the runs at the speed that costs over HTTP are stated for, by what the cores took in that restart. Elapsed time stays as it was
 * read, like latency.
 */
function atOneSpeed({ runs, coreSpeeds = [] }: MicroRecord, coreSpeed: Results['coreSpeed']): MicroRun[] {
  const works = new Map(coreSpeeds.map(({ set, restart, workUs }) => [`${set}/${restart}`, workUs]))
  return runs.map((run) => {
    const workUs = works.get(`${run.set}/${run.restart}`)
    return workUs === undefined
      ? run
      : { ...run, cpuUs: run.cpuUs * factorAtSaturation(coreSpeed, run.variant, workUs) }
  })
}

/** What each task takes; parts in the order in which the step goes through them. */
function tasksOf({ tasks, runs }: MicroRecord): TaskFigure[] {
  // A task with several calls under way is one of two views of the same.
  return tasks
    .filter(({ inFlight }) => inFlight === 1)
    .map(({ variant, task, kind, async }) => {
      const all = runs.filter((run) => run.variant === variant && run.task === task)
      const single = all.filter(({ inFlight }) => inFlight === 1)
      return {
        variant,
        task,
        kind,
        async,
        elapsed: intervalOf(single.map((run) => ({ restart: run.restart, value: run.medianUs }))),
        cpu: intervalOf(underLoad(all).map((run) => ({ restart: run.restart, value: run.cpuUs }))),
      }
    })
}

/** The runs with most calls under way: one where the task is synchronous. */
function underLoad(runs: readonly MicroRun[]): readonly MicroRun[] {
  const most = Math.max(...runs.map(({ inFlight }) => inFlight))
  return runs.filter(({ inFlight }) => inFlight === most)
}

function intervalOf(values: readonly { readonly restart: number; readonly value: number }[]): Interval | Absent {
  const restarts = new Map<number, number[]>()
  for (const { restart, value } of values) restarts.set(restart, [...(restarts.get(restart) ?? []), value])
  return restartInterval([...restarts.values()], { leastRounds: 1 })
}

/** CPU of a variant's step over the control's, paired by round. */
function stepOverControl(runs: readonly MicroRun[], variant: string, control: string): Interval | Absent {
  const steps = (id: string) => underLoad(runs.filter((run) => run.variant === id && run.kind === 'step'))
  const place = ({ set, restart, round }: MicroRun): string => `${set}/${restart}/${round}`
  const beside = new Map(steps(control).map((run) => [place(run), run.cpuUs]))
  return intervalOf(
    steps(variant).flatMap((run) => {
      const controlUs = beside.get(place(run))
      return controlUs === undefined ? [] : [{ restart: run.restart, value: run.cpuUs - controlUs }]
    }),
  )
}

function sharesOf({ plan, estimates }: Results, { runs, http: measured }: MicroRecord): StepShare[] {
  const control = plan.variants.find(({ role }) => role === 'control')?.id ?? ''
  return plan.variants.flatMap(({ id, label, role }): readonly StepShare[] => {
    if (role !== 'candidate' || !runs.some(({ variant }) => variant === id)) return []
    const step = stepOverControl(runs, id, control)
    const http = estimates.find(
      (one) =>
        one.variant === id &&
        one.baseline === control &&
        one.metric === 'appCpuUsPerRequest' &&
        one.kind === 'cost' &&
        one.load.mode === 'saturation' &&
        one.group === 'default',
    )
    if (http === undefined) {
      const missing = { absent: measured ? 'too few valid slices over HTTP' : 'nothing was measured over HTTP' }
      return [{ variant: id, label, step, http: missing, share: missing, remainder: missing }]
    }
    if ('absent' in step) return [{ variant: id, label, step, http, share: step, remainder: step }]
    const inProcess = meanOfInterval(step)
    const overHttp = meanOfInterval(http)
    return [
      {
        variant: id,
        label,
        step,
        http,
        share: ratioOfMeans(inProcess, overHttp),
        remainder: differenceOfMeans(overHttp, inProcess),
      },
    ]
  })
}
