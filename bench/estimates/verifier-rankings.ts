import type { VariantRecord } from '../record/run.ts'
import type { Bounds } from '../statistics/independent.ts'
import type { StepShare } from './micro.ts'

/** Two verifiers of the same tokens whose order is told both in process and over HTTP. */
export interface RankedPair {
  /** By the step in process. */
  readonly cheaper: string
  readonly dearer: string
  /** Whether the costs over HTTP have the same order. */
  readonly agrees: boolean
}

/** The verifiers of one kind of token, ranked in process and over HTTP. */
export interface VerifierRanking {
  /** What the variants have in common: `HS256`. */
  readonly algorithm: string
  /** Verifiers by the step in process, cheapest first. */
  readonly inProcess: readonly string[]
  /** The same by cost over HTTP. */
  readonly overHttp: readonly string[]
  /** Pairs whose intervals overlap neither here nor there. */
  readonly told: readonly RankedPair[]
  /** All pairs. */
  readonly pairs: number
}

interface Verifier {
  readonly name: string
  readonly step: Bounds
  readonly http: Bounds
}

/**
 * Ranks variants that differ in nothing but their verifier (and the form of its key) by both measurements, and says of
 * each pair whether they agree. Intervals that overlap say nothing.
 */
export function verifierRankings(
  variants: readonly VariantRecord[],
  shares: readonly StepShare[],
): readonly VerifierRanking[] {
  const groups = new Map<string, { readonly algorithm: string; readonly verifiers: Verifier[] }>()
  for (const { id, strategy, parameters } of variants) {
    const { verifier, key: _, ...rest } = parameters
    const share = shares.find((one) => one.variant === id)
    if (verifier === undefined || share === undefined || 'absent' in share.http || 'absent' in share.step) continue
    const group = JSON.stringify([strategy, Object.entries(rest).sort()])
    const entry = groups.get(group) ?? { algorithm: String(parameters.alg ?? strategy), verifiers: [] }
    entry.verifiers.push({ name: String(verifier), step: share.step, http: share.http })
    groups.set(group, entry)
  }
  return [...groups.values()].flatMap(({ algorithm, verifiers }) =>
    verifiers.length < 2 ? [] : [rankingOf(algorithm, verifiers)],
  )
}

function rankingOf(algorithm: string, verifiers: readonly Verifier[]): VerifierRanking {
  const inProcess = [...verifiers].sort((a, b) => a.step.value - b.step.value)
  const pairs = inProcess.flatMap((a, index) => inProcess.slice(index + 1).map((b) => ({ a, b })))
  const told = pairs.flatMap(({ a, b }): readonly RankedPair[] => {
    const here = order(a.step, b.step)
    const there = order(a.http, b.http)
    return here === 0 || there === 0 ? [] : [{ cheaper: a.name, dearer: b.name, agrees: here === there }]
  })
  return {
    algorithm,
    inProcess: inProcess.map(({ name }) => name),
    overHttp: [...verifiers].sort((a, b) => a.http.value - b.http.value).map(({ name }) => name),
    told,
    pairs: pairs.length,
  }
}

/** -1 where a lies wholly below b, 1 above, 0 where they overlap. */
const order = (a: Bounds, b: Bounds): -1 | 0 | 1 => (a.high < b.low ? -1 : b.high < a.low ? 1 : 0)
