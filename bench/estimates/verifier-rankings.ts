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
  readonly verifier: string
  /** `best`, or the form that was asked for. */
  readonly key: string
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
    const { verifier, key = 'best', ...rest } = parameters
    const share = shares.find((one) => one.variant === id)
    if (verifier === undefined || share === undefined || 'absent' in share.http || 'absent' in share.step) continue
    const group = JSON.stringify([strategy, Object.entries(rest).sort()])
    const entry = groups.get(group) ?? { algorithm: String(parameters.alg ?? strategy), verifiers: [] }
    entry.verifiers.push({ verifier: String(verifier), key: String(key), step: share.step, http: share.http })
    groups.set(group, entry)
  }
  return [...groups.values()].flatMap(({ algorithm, verifiers }) =>
    verifiers.length < 2 ? [] : [rankingOf(algorithm, verifiers)],
  )
}

/** `jose`; `jose (best key)` and `jose (key as pem)` where it takes part more than once. */
const namesOf = (verifiers: readonly Verifier[]): ReadonlyMap<Verifier, string> =>
  new Map(
    verifiers.map((one) => {
      const { verifier, key } = one
      const repeated = verifiers.filter((other) => other.verifier === verifier).length > 1
      return [one, repeated ? `${verifier} (${key === 'best' ? 'best key' : `key as ${key}`})` : verifier]
    }),
  )

function rankingOf(algorithm: string, verifiers: readonly Verifier[]): VerifierRanking {
  const names = namesOf(verifiers)
  const nameOf = (one: Verifier): string => names.get(one) ?? one.verifier
  const inProcess = [...verifiers].sort((a, b) => a.step.value - b.step.value)
  const pairs = inProcess.flatMap((a, index) => inProcess.slice(index + 1).map((b) => ({ a, b })))
  const told = pairs.flatMap(({ a, b }): readonly RankedPair[] => {
    const here = order(a.step, b.step)
    const there = order(a.http, b.http)
    return here === 0 || there === 0 ? [] : [{ cheaper: nameOf(a), dearer: nameOf(b), agrees: here === there }]
  })
  return {
    algorithm,
    inProcess: inProcess.map(nameOf),
    overHttp: [...verifiers].sort((a, b) => a.http.value - b.http.value).map(nameOf),
    told,
    pairs: pairs.length,
  }
}

/** -1 where a lies wholly below b, 1 above, 0 where they overlap. */
const order = (a: Bounds, b: Bounds): -1 | 0 | 1 => (a.high < b.low ? -1 : b.high < a.low ? 1 : 0)
