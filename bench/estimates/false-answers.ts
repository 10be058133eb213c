import type { Warning } from '../record/run.ts'
import type { Slice } from '../record/slice.ts'

/** Answers to bad traffic of one variant, over all its slices, doubtful ones included: a wrong answer is never noise. */
export interface BadTrafficTotals {
  readonly requests: number
  readonly badRequests: number
  readonly falseAccepts: number
  readonly falseRefusals: number
  readonly wrongRefusals: number
  readonly acceptedKinds: readonly string[]
}

export function badTrafficTotals(slices: readonly Slice[]): ReadonlyMap<string, BadTrafficTotals> {
  const totals = new Map<string, BadTrafficTotals>()
  for (const { variant, requests, badTraffic } of slices) {
    if (badTraffic === undefined) continue
    const sum = totals.get(variant)
    totals.set(variant, {
      requests: (sum?.requests ?? 0) + requests,
      badRequests: (sum?.badRequests ?? 0) + badTraffic.requests,
      falseAccepts: (sum?.falseAccepts ?? 0) + badTraffic.falseAccepts,
      falseRefusals: (sum?.falseRefusals ?? 0) + badTraffic.falseRefusals,
      wrongRefusals: (sum?.wrongRefusals ?? 0) + badTraffic.wrongRefusals,
      acceptedKinds: [...new Set([...(sum?.acceptedKinds ?? []), ...badTraffic.acceptedKinds])],
    })
  }
  return totals
}

const count = (number: number): string => number.toLocaleString('en-US')

/** One wrong answer is enough: a strategy that is right nearly always is not right. */
export const falseAnswers = (slices: readonly Slice[]): Warning[] =>
  [...badTrafficTotals(slices)].flatMap(([variant, totals]): Warning[] => [
    ...(totals.falseAccepts === 0
      ? []
      : [
          {
            code: 'false-accept',
            variant,
            message: `It accepted ${count(totals.falseAccepts)} of ${count(totals.badRequests)} bad credentials under load (${totals.acceptedKinds.join(', ')}).`,
            remedy: 'Do not use it: whoever sends these is let in. The slices are left out of every estimate.',
            severity: 'high' as const,
          },
        ]),
    ...(totals.falseRefusals === 0
      ? []
      : [
          {
            code: 'false-refusal',
            variant,
            message: `It did not accept ${count(totals.falseRefusals)} of ${count(totals.requests - totals.badRequests)} good credentials while bad ones came between.`,
            remedy: 'Look for state that requests share, and for a store that failed. The slices are left out.',
            severity: 'high' as const,
          },
        ]),
    ...(totals.wrongRefusals === 0
      ? []
      : [
          {
            code: 'wrong-refusal',
            variant,
            message: `It answered ${count(totals.wrongRefusals)} of ${count(totals.badRequests)} bad credentials neither with an accept nor with the application's own 401.`,
            remedy:
              'An error (503, 500) or a 401 of something else in place of a refusal: see what the strategy throws or sends itself. The slices are left out.',
            severity: 'high' as const,
          },
        ]),
  ])
