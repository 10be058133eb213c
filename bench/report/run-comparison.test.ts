import { expect, test } from 'vitest'
import { exampleWithCompanions } from '../estimates/companions.fixture.ts'
import { compareRuns } from '../estimates/comparing/compare-runs.ts'
import type { Scale } from '../estimates/comparing/run-figures.ts'
import { fixtureVariants } from '../estimates/plan.fixture.ts'
import { exampleResults, fixtureLoads } from '../estimates/slice.fixture.ts'
import { metricById } from '../metrics/table.ts'
import type { Results } from '../record/run.ts'
import { type ComparedRuns, comparisonData, comparisonMarkdown, comparisonWords } from './run-comparison.ts'

const cpu = metricById('totalCpuUsPerRequest')
if (cpu === undefined) throw new Error('There is no total CPU.')
const compared = (earlier: Results, later: Results, scale: Scale, maxRegression?: number): ComparedRuns => {
  const limit = maxRegression === undefined ? {} : { maxRegression }
  const comparison = compareRuns(earlier, later, { metrics: [cpu], scale, ...limit })
  return { earlier, later, comparison, differences: [], ...limit }
}

const loads = fixtureLoads.filter(({ mode }) => mode === 'saturation')
/** Session is cheaper than the control, by so much. */
const cheaper = (seed: number, appSaturationUs: number): Results =>
  exampleResults({
    seed,
    loads,
    variants: fixtureVariants.map((variant) =>
      variant.id === 'session' ? { ...variant, appSaturationUs, databaseUs: 0 } : variant,
    ),
  })
const changeOf = (runs: ComparedRuns): string =>
  comparisonMarkdown(runs)
    .split('\n')
    .find((line) => line.startsWith('| Session |'))
    ?.split('|')[4]
    ?.trim() ?? ''

test('where there is nothing to divide by, a change is a signed difference with its interval', () => {
  const runs = [cheaper(1, -6), cheaper(2, -1)] as const
  expect(changeOf(compared(...runs, 'own-unit'))).toMatch(/^\+[\d.]+ µs \(\+[\d.]+ to \+[\d.]+\)$/)
  expect(changeOf(compared(...runs, 'control'))).toMatch(/^\+[\d.]+ points \(\+[\d.]+ to \+[\d.]+\)$/)
  const back = [cheaper(2, -1), cheaper(1, -6)] as const
  expect(changeOf(compared(...back, 'own-unit'))).toMatch(/^−[\d.]+ µs \(−[\d.]+ to −[\d.]+\)$/)
})

test('for programs, the unit is that of the figures', () => {
  const runs = [exampleResults({ seed: 1, loads }), exampleResults({ seed: 2, loads })] as const
  expect(comparisonData(compared(...runs, 'control'))).toMatchObject({
    figures: [{ unit: 'share of control' }, {}, {}, {}, {}],
  })
  expect(comparisonData(compared(...runs, 'own-unit'))).toMatchObject({ figures: [{ unit: 'us' }, {}, {}, {}, {}] })
})

test('a total with Redis or an auth service says so wherever it is named', () => {
  const later = exampleWithCompanions(30)
  const earlier = exampleResults({ seed: 2, loads })
  const runs = compared(earlier, later, 'control', 0.05)
  const name = 'App and database CPU per request (with Redis, auth service)'
  expect(comparisonWords(runs)[0]).toContain(`Session, ${name}, saturation`)
  expect(comparisonMarkdown(runs)).toContain(`### ${name}, over the control`)
  expect(comparisonMarkdown(compared(earlier, earlier, 'control'))).not.toContain('(with')
})
