import { expect, it } from 'vitest'
import { estimate } from '../estimates/estimate.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { Results } from '../record/run.ts'
import { idlingSections } from './idling.ts'
import { project } from './projection.ts'
import { cellText } from './text-table.ts'

const plain = exampleResults({ restarts: 6, rounds: 3, doubtfulShare: 0 })

/** Every server of the second group takes a quarter more, as idling makes of it. */
const slices = [
  ...plain.slices,
  ...plain.slices.map((slice) => ({
    ...slice,
    group: 'production' as const,
    app: { ...slice.app, cpuUs: 1.25 * slice.app.cpuUs },
  })),
]
const both: Results = { ...plain, slices, ...estimate({ ...plain, slices }) }

it('what idling costs is told of every server, the control included, in which it does not cancel out', () => {
  const section = idlingSections(both).find(({ title }) => title.includes('saturation'))
  expect(section?.rows.map(({ variant }) => variant)).toEqual(both.plan.variants.map(({ id }) => id))
  const [busy = '', idled = '', more = ''] = section?.rows[0]?.cells.map(cellText) ?? []
  expect(Number.parseFloat(idled)).toBeCloseTo(1.25 * Number.parseFloat(busy), 0)
  expect(Number.parseFloat(more)).toBeCloseTo(0.25 * Number.parseFloat(busy), 0)
  expect(project(both).sections.map(({ title }) => title)).toContain(section?.title)
})

it('there is nothing to tell where only one group was measured', () => {
  expect(idlingSections(plain)).toEqual([])
})
