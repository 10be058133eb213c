import { boundsOrAbsent } from '../../record/bounded.ts'
import type { VariantRecord } from '../../record/run.ts'
import type { TokenCell, TokenRecommendation, TokenTuning } from '../../record/token-tuning.ts'
import { notShownDearer } from '../../statistics/cheapest.ts'
import { intervalOfRestarts, restartInterval } from '../../statistics/restart-interval.ts'
import { twinDifferences } from '../calibration-twin.ts'
import { type Cell, cellsOf } from '../cells.ts'
import { limitNotMeasurable, missesOf, type TokenRecord, tokenCell } from './token-cells.ts'
import { costDifferences } from './token-differences.ts'
import { tokenSentences } from './token-sentences.ts'

/** Of an answer: the chance that it is wrong, over all comparisons at once. */
const error = 0.05

/** What `tune token` answers; undefined for a run that did not ask. Pure: it can be redone from results.json. */
export function tokenTuning(record: TokenRecord): TokenTuning | undefined {
  const { plan } = record
  const control = plan.variants.find(({ role }) => role === 'control')?.id
  if (plan.purpose !== 'tune-token' || plan.tokenGrid === undefined || control === undefined) return undefined
  const { needs, threads } = plan.tokenGrid
  const candidates = plan.variants.filter(({ role, strategy }) => role === 'candidate' && strategy === 'jwt')
  const onlyFloor = candidates.every(({ parameters }) => parameters.verifier === 'node')
  const loads = ordered(cellsOf(record.slices).filter(({ group, load }) => group === 'default' && hasCpu(load.mode)))
  const cells = candidates.map((variant) =>
    tokenCell(record, variant, loads, control, missesOf(variant, needs, onlyFloor)),
  )
  const recommendations = loads.map((cell) => recommend(cell, cells, control))
  const limit = limitNotMeasurable(record.environment)
  const tuning = {
    needs,
    cells,
    recommendations,
    notMeasurable: [
      ...(limit === undefined ? [] : [`Whether event loop or thread pool limits throughput: ${limit}.`]),
      ...(typeof threads === 'string' ? [] : [`Which UV_THREADPOOL_SIZE is best: ${threads.absent}.`]),
    ],
  }
  return { ...tuning, sentences: tokenSentences(tuning, labels(candidates)) }
}

const labels = (variants: readonly VariantRecord[]): ReadonlyMap<string, string> =>
  new Map(variants.map(({ id, label }) => [id, label]))

/** One connection sleeps between requests: its CPU is mostly wake-ups. */
const hasCpu = (mode: Cell['load']['mode']): boolean => mode !== 'unloaded'

/** Fixed rates first: that is how most servers live. */
const ordered = (cells: readonly Cell[]): Cell[] => [
  ...cells.filter(({ load }) => load.mode === 'fixed-rate'),
  ...cells.filter(({ load }) => load.mode !== 'fixed-rate'),
]

function recommend(cell: Cell, cells: readonly TokenCell[], control: string): TokenRecommendation {
  const { load } = cell
  const costOf = ({ costs }: TokenCell): number | undefined => {
    const cost = costs.find((one) => one.load === load)?.appCpuUs
    return cost === undefined || 'absent' in cost ? undefined : cost.value
  }
  const eligible = cells.filter((one) => one.misses.length === 0)
  const contenders = eligible.filter((one) => costOf(one) !== undefined)
  const nothing = (reason: string): TokenRecommendation => ({ load, answer: { state: 'none', reason }, confidence: 0 })
  if (eligible.length === 0) return nothing('no variant of the grid meets the needs')
  if (contenders.length === 0) return nothing('fewer than 3 restarts have enough valid slices')
  const differences = (a: TokenCell | undefined, b: TokenCell | undefined): readonly number[] =>
    a === undefined || b === undefined ? [] : costDifferences(cell, a.variant, b.variant, control)
  const left = notShownDearer(
    {
      contenders: contenders.length,
      differences: (a, b) => differences(contenders[a], contenders[b]),
      leastDifference: bandOf(cell),
    },
    error,
  ).flatMap((index) => contenders[index] ?? [])
  const chosen = smallest(left, costOf)
  if (chosen === undefined) return nothing('nothing could be compared')
  // Figures that are missing are no proof that a variant is dear.
  const unknown = eligible.filter((one) => !contenders.includes(one))
  const variants = [...left, ...unknown].map(({ variant }) => variant)
  const answer: TokenRecommendation['answer'] =
    eligible.length === 1
      ? { state: 'only-one', variant: chosen.variant }
      : variants.length === 1
        ? { state: 'settled', variant: chosen.variant }
        : { state: 'unsettled', variants, variant: chosen.variant }
  const [second] = contenders
    .filter((one) => one !== chosen)
    .sort((a, b) => (costOf(a) ?? Number.POSITIVE_INFINITY) - (costOf(b) ?? Number.POSITIVE_INFINITY))
  if (second === undefined) return { load, answer, confidence: 1 - error }
  const extra = intervalOfRestarts(differences(second, chosen), { rounds: 0, dropped: 0 })
  return {
    load,
    answer,
    second: {
      variant: second.variant,
      extraUs: boundsOrAbsent(extra),
      shown: left.includes(second) ? 'no-difference-shown' : 'dearer',
    },
    confidence: 1 - error,
  }
}

/** The smallest credential; of equal ones the one with the lowest cost so far. */
function smallest(cells: readonly TokenCell[], costOf: (cell: TokenCell) => number | undefined): TokenCell | undefined {
  const bytes = ({ credentialBytes }: TokenCell): number =>
    typeof credentialBytes === 'number' ? Math.round(credentialBytes) : Number.MAX_SAFE_INTEGER
  const cost = (cell: TokenCell): number => costOf(cell) ?? Number.MAX_SAFE_INTEGER
  return [...cells].sort((a, b) => bytes(a) - bytes(b) || cost(a) - cost(b))[0]
}

/** What the control shows against its twin: nothing smaller is claimed. */
function bandOf(cell: Cell): number {
  const differences = twinDifferences(cell)
  if ('absent' in differences) return 0
  const twin = restartInterval(differences, { leastRounds: cell.leastRounds })
  return 'absent' in twin ? 0 : Math.max(Math.abs(twin.low), Math.abs(twin.high))
}
