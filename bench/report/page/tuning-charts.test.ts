import { describe, expect, it } from 'vitest'
import { estimate } from '../../estimates/estimate.ts'
import { exampleResults } from '../../estimates/slice.fixture.ts'
import { exampleSweep } from '../../estimates/tuning/pool-sweep.fixture.ts'
import { project } from '../projection.ts'
import type { ReportData } from '../report-data.ts'
import type { HeatCell, ScalabilityView } from '../tuning-view.ts'
import { charts } from './chart-list.ts'
import { costAgainstDistance } from './charts/cost-against-distance.ts'
import { poolHeatMap } from './charts/pool-heat-map.ts'
import { poolWait } from './charts/pool-wait.ts'
import { scalability } from './charts/scalability.ts'
import { heatLevels } from './heat-level.ts'
import { hiddenAtFirst } from './legend.ts'
import { lightTheme } from './theme.ts'

const plain = project(exampleResults({ restarts: 3, rounds: 2 }))
const sweep = exampleSweep({ pools: [2, 5, 20], connections: [1, 4, 16, 64, 256] })
const data = project({ ...sweep, ...estimate(sweep) })
const tuningCharts = [poolHeatMap, poolWait, scalability, costAgainstDistance]

describe('charts of the tuning of a pool', () => {
  it('are left out of a run that tuned none', () => {
    for (const chart of tuningCharts) expect(chart.panels(plain), chart.id).toEqual([])
  })

  it('name mode, unit and interval in the note of every panel', () => {
    for (const chart of tuningCharts) {
      for (const { note, key } of chart.panels(data)) {
        expect(note, `${chart.id} ${key}`).toMatch(/[Cc]losed loop/)
        expect(note, `${chart.id} ${key}`).toMatch(/µs|[Rr]equests per second/)
        expect(note, `${chart.id} ${key}`).toContain('95 %')
      }
    }
  })

  it('give every panel of a figure a name of its own, those that any run has included', () => {
    for (const chart of charts) {
      const labels = chart.panels(data).map(({ label }) => label)
      expect(new Set(labels).size, `${chart.id}: ${labels.join('; ')}`).toBe(labels.length)
    }
  })

  it('put throughput and p95 of a distance into one panel', () => {
    expect(poolHeatMap.panels(data).map(({ label }) => label)).toEqual([
      'Session, no distance added',
      'Session, database 2 ms away',
    ])
  })

  it('have a row of words for every pool, number of connections and distance', () => {
    expect(poolWait.panels(data)[0]?.table?.rows.map(([pool]) => pool)).toEqual(['2', '5', '20'])
    expect(scalability.panels(data)[0]?.table?.rows.map(([clients]) => clients)).toEqual(['1', '4', '16', '64', '256'])
    const [cpu] = costAgainstDistance.panels(data)
    expect(cpu?.table?.rows.map(([distance]) => distance)).toEqual(['none added', '2 ms'])
  })

  it('speak of a line and of a peak only where there is a fit', () => {
    const { tuning } = data
    const [fitted] = tuning?.scalability ?? []
    if (tuning === undefined || fitted === undefined) throw new Error('the sweep has points over connections')
    const { peak: _, ...view } = fitted
    const noteOf = (one: ScalabilityView): string | undefined =>
      scalability.panels({ ...data, tuning: { ...tuning, scalability: [one] } })[0]?.note
    expect(noteOf({ ...view, curve: [] })).not.toMatch(/line|peak lies/)
    const peak = { value: 49, low: 40, high: 62, text: '49 [40, 62] connections' }
    expect(noteOf({ ...view, curve: [[1, 4000]], peak })).toMatch(/The line is.*peak lies: 49 \[40, 62\] connections/)
  })

  it('keep waits of zero on their logarithmic axis', () => {
    const idle: ReportData = {
      ...plain,
      tuning: {
        heatMaps: [],
        scalability: [],
        distances: [],
        sections: [],
        notes: [],
        poolWaits: [
          {
            title: 'idle',
            series: [
              { label: 'all', style: 2, points: [1, 2].map((x) => ({ x, value: 0, low: 0, high: 0, text: '0 µs' })) },
            ],
          },
        ],
      },
    }
    const config = poolWait.panels(idle)[0]?.plots[0]?.config({
      theme: lightTheme,
      width: 800,
      font: 'sans-serif',
      shown: () => true,
    })
    const heights = config?.data.datasets.flatMap(({ data: points }) =>
      points.flatMap((point) => (typeof point === 'object' && point !== null && 'y' in point ? [Number(point.y)] : [])),
    )
    expect(heights?.length).toBe(4)
    expect(heights?.every((y) => y > 0)).toBe(true)
  })
})

describe('the colours of a heat map', () => {
  const cell = (value: number): HeatCell => ({ value, low: value, high: value, text: '', recommended: false })
  const cells = [
    [cell(100), cell(10)],
    [cell(96), cell(4)],
    [cell(70), { absent: 'not measured' }],
  ]

  it('compare each column with its own best, whichever way is better', () => {
    expect(heatLevels({ cells, better: 'higher' })).toEqual([
      [0, 0],
      [0, 5],
      [3, undefined],
    ])
    expect(heatLevels({ cells, better: 'lower' })).toEqual([
      [3, 5],
      [3, 0],
      [0, undefined],
    ])
  })
})

describe('a legend of many entries', () => {
  it('begins with eight that are spread from the first to the last', () => {
    const ids = Array.from({ length: 22 }, (_, index) => String(index))
    const hidden = hiddenAtFirst(ids)
    expect(ids.filter((id) => !hidden.has(id))).toEqual(['0', '3', '6', '9', '12', '15', '18', '21'])
  })

  it('hides none of a few', () => {
    expect(hiddenAtFirst(['a', 'b', 'c']).size).toBe(0)
  })
})
