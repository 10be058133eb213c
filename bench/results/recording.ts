import type { Bursty, BurstySlice } from '../record/bursty.ts'
import type { Lifecycle, LifecycleBatch } from '../record/lifecycle.ts'
import type { Results } from '../record/run.ts'
import type { Slice } from '../record/slice.ts'
import type { RunFolder } from './run-folder.ts'

/** Results without what is measured: the first line of slices.ndjson, and what `results.json` is assembled from. */
export type ResultsHead = Omit<
  Results,
  'slices' | 'warmUps' | 'coreSpeed' | 'estimates' | 'absent' | 'noiseBands' | 'tuning' | 'lifecycle'
>
export type Analysis = Pick<
  Results,
  'coreSpeed' | 'estimates' | 'absent' | 'noiseBands' | 'warnings' | 'tuning' | 'lifecycle' | 'bursty'
>

/** What an analysis is made of. */
export type AnalysedRecord = Pick<Results, 'plan' | 'slices' | 'warmUps' | 'signings' | 'environment'> & {
  readonly lifecycle?: Pick<Lifecycle, 'batches'> | undefined
  readonly bursty?: Pick<Bursty, 'slices'> | undefined
}

/** A line of slices.ndjson. The last `head` wins: it is written anew whenever it changes. */
export type RecordLine =
  | { readonly head: ResultsHead }
  | { readonly warmUp: Results['warmUps'][number] }
  | { readonly slice: Slice }
  | { readonly call: LifecycleBatch }
  | { readonly bursty: BurstySlice }

/**
 * The record of a run as it grows: every slice is on disk before the next one begins, `results.json` is assembled
 * after each restart and at the end. The analysis is passed in, because recording knows nothing of statistics.
 */
export class Recording {
  readonly #folder: RunFolder
  readonly #analyse: (results: AnalysedRecord) => Analysis
  readonly #slices: Slice[]
  readonly #warmUps: Results['warmUps']
  readonly #calls: LifecycleBatch[]
  readonly #bursty: BurstySlice[]
  #head: ResultsHead

  constructor(
    folder: RunFolder,
    head: ResultsHead,
    analyse: (results: AnalysedRecord) => Analysis,
    /** What an earlier part of the same run measured; it stands in the folder already. */
    earlier: Pick<Results, 'slices' | 'warmUps' | 'lifecycle' | 'bursty'> = { slices: [], warmUps: [] },
  ) {
    this.#slices = [...earlier.slices]
    this.#warmUps = [...earlier.warmUps]
    this.#calls = [...(earlier.lifecycle?.batches ?? [])]
    this.#bursty = [...(earlier.bursty?.slices ?? [])]
    this.#folder = folder
    this.#head = head
    this.#analyse = analyse
    folder.append({ head })
  }

  get head(): ResultsHead {
    return this.#head
  }

  get slices(): readonly Slice[] {
    return this.#slices
  }

  changeHead(change: Partial<ResultsHead>): void {
    this.#head = { ...this.#head, ...change }
    this.#folder.append({ head: this.#head })
  }

  addWarmUps(warmUps: Results['warmUps']): void {
    for (const warmUp of warmUps) {
      this.#warmUps.push(warmUp)
      this.#folder.append({ warmUp })
    }
  }

  addSlice(slice: Slice): void {
    this.#slices.push(slice)
    this.#folder.append({ slice })
  }

  addCalls(batch: LifecycleBatch): void {
    this.#calls.push(batch)
    this.#folder.append({ call: batch })
  }

  addBursty(slice: BurstySlice): void {
    this.#bursty.push(slice)
    this.#folder.append({ bursty: slice })
  }

  /** The whole of it, with the analysis of what has been measured so far. */
  results(): Results {
    return assemble(this.#head, this.#slices, this.#warmUps, this.#analyse, this.#calls, this.#bursty)
  }
}

/** Puts results together: head, record, and the analysis made of them. */
export function assemble(
  head: ResultsHead,
  slices: readonly Slice[],
  warmUps: Results['warmUps'],
  analyse: (results: AnalysedRecord) => Analysis,
  calls: readonly LifecycleBatch[] = [],
  bursty: readonly BurstySlice[] = [],
): Results {
  const { plan, environment } = head
  const signings = head.signings === undefined ? {} : { signings: head.signings }
  const more = {
    ...(calls.length === 0 ? {} : { lifecycle: { batches: [...calls] } }),
    ...(bursty.length === 0 ? {} : { bursty: { slices: [...bursty] } }),
  }
  const record = { plan, slices: [...slices], warmUps: [...warmUps], ...signings, environment, ...more }
  const analysis = analyse(record)
  return {
    schemaVersion: head.schemaVersion,
    tool: head.tool,
    run: { ...head.run, ...sliceShare(head, slices) },
    environment: head.environment,
    plan: head.plan,
    checks: head.checks,
    ...(head.micro === undefined ? {} : { micro: head.micro }),
    warmUps: record.warmUps,
    slices: record.slices,
    ...signings,
    ...(analysis.coreSpeed === undefined ? {} : { coreSpeed: analysis.coreSpeed }),
    estimates: analysis.estimates,
    absent: analysis.absent,
    noiseBands: analysis.noiseBands,
    warnings: [...head.warnings, ...analysis.warnings],
    ...(analysis.tuning === undefined ? {} : { tuning: analysis.tuning }),
    ...(analysis.lifecycle === undefined ? {} : { lifecycle: analysis.lifecycle }),
    ...(analysis.bursty === undefined ? {} : { bursty: analysis.bursty }),
  }
}

function sliceShare(head: ResultsHead, slices: readonly Slice[]): { sliceShare?: number } {
  if (head.run.finishedAt === undefined) return {}
  const wallMs = Date.parse(head.run.finishedAt) - Date.parse(head.run.startedAt) - (head.run.pausedMs ?? 0)
  const measuredMs = slices.reduce((sum, slice) => sum + slice.durationMs, 0)
  return wallMs > 0 ? { sliceShare: Math.min(1, measuredMs / wallMs) } : {}
}
