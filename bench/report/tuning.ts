import type { Results } from '../record/run.ts'
import type { Section } from './report-data.ts'
import { breakEvenSections, crossingSection } from './tuning-break-even.ts'
import { heatMaps, poolWaits, scalabilityViews } from './tuning-charts.ts'
import { distanceViews } from './tuning-distance.ts'
import {
  cellSections,
  comparisonSections,
  customarySection,
  instanceCountSection,
  recommendationSection,
  scalabilitySection,
  tableSizeSection,
} from './tuning-sections.ts'
import type { TuningView } from './tuning-view.ts'

/** What a `tune pool` run shows instead of the ordinary headline and tables. */
export interface TuningReport {
  readonly headline: readonly string[]
  /** The tables that a terminal has room for. */
  readonly brief: readonly Section[]
  readonly view: TuningView
}

/** The report on a sweep of pools; undefined for a run that was not to tune one. */
export function tuningReport(results: Results): TuningReport | undefined {
  const pool = results.tuning?.pool
  if (pool === undefined) return undefined
  const { plan } = results
  const some = (sections: readonly Section[]): readonly Section[] => sections.filter(({ rows }) => rows.length > 0)
  const brief = some([
    recommendationSection(plan, pool),
    customarySection(plan, pool),
    ...comparisonSections(plan, pool),
  ])
  const [answers, remarks] = split(pool.sentences, pool.notMeasurable)
  return {
    headline: answers,
    brief,
    view: {
      heatMaps: heatMaps(plan, pool),
      poolWaits: poolWaits(plan, pool),
      scalability: scalabilityViews(plan, pool),
      distances: distanceViews(results, pool),
      sections: [
        ...brief,
        ...some([
          ...breakEvenSections(plan, pool),
          crossingSection(plan, pool),
          tableSizeSection(plan, pool),
          instanceCountSection(plan, pool),
          scalabilitySection(plan, pool),
          ...cellSections(plan, pool),
        ]),
      ],
      notes: remarks,
    },
  }
}

/** What cannot be answered here is a remark, not a headline. */
const split = (sentences: readonly string[], remarks: readonly string[]): readonly [string[], string[]] => [
  sentences.filter((sentence) => !remarks.includes(sentence)),
  [...remarks],
]
