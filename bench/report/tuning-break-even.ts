import { connectionsText, furtherTexts, strategyLabel } from '../estimates/tuning/pool-words.ts'
import type { PlanRecord } from '../record/run.ts'
import type { PoolTuning } from '../record/tuning.ts'
import type { Cell, Column, Section } from './report-data.ts'
import { byPlace } from './tuning-sections.ts'
import { differenceCellOf, figureCellOf, textCell } from './tuning-words.ts'

type Plan = Pick<PlanRecord, 'variants'>

/** A lookup against each token: one table a place. */
export function breakEvenSections(plan: Plan, { breakEven }: PoolTuning): readonly Section[] {
  const tokens = [...new Set(breakEven.map(({ token }) => token))]
  return byPlace(breakEven).map(([where, ones]) => {
    const places = [...new Map(ones.map((one) => [placeOf(one), one])).entries()]
    return {
      title: `Lookup against tokens: ${where}`,
      note: 'Lookup minus token, per request: CPU of app and database together, each over the control of its own rounds; then the median response time at saturation. Above zero the lookup costs more. ~ no difference shown. 95 % intervals over restarts.',
      columns: tokens.flatMap((token): Column[] => [
        { label: `${strategyLabel(plan, token)}, CPU`, unit: 'µs' },
        { label: `${strategyLabel(plan, token)}, response p50`, unit: 'µs' },
      ]),
      rows: places.map(([place, { strategy, connections, poolSize }]) => ({
        variant: strategy,
        label: `${strategyLabel(plan, strategy)}, ${connectionsText(connections)}, pool ${poolSize}`,
        cells: tokens.flatMap((token): Cell[] => {
          const found = ones.find((one) => one.token === token && placeOf(one) === place)
          if (found === undefined) return Array.from({ length: 2 }, () => ({ kind: 'absent', reason: 'not measured' }))
          return [differenceCellOf(found.cpuUs), differenceCellOf(found.latencyUs)]
        }),
      })),
    }
  })
}

const placeOf = ({
  strategy,
  connections,
  poolSize,
}: {
  readonly strategy: string
  readonly connections: number
  readonly poolSize: number
}): string => `${strategy} ${connections} ${poolSize}`

/** Where the lines over the distance cross; those that do not are counted. */
export function crossingSection(plan: Plan, { crossings }: PoolTuning): Section {
  const lines = crossings.length
  const found = crossings.flatMap((one) =>
    one.crossing.state === 'crosses' ? [{ ...one, at: one.crossing.dbDelayUs }] : [],
  )
  return {
    title: 'Where lookup and token cost the same',
    note: `Distance of the database (round trip added, as obtained) at which the line of the lookup meets that of the token, straight between the distances measured. ${found.length} of ${lines} pairs of lines are shown to cross within these; what the others cost stands in the tables above.`,
    columns: [
      { label: 'Distance', unit: 'ms' },
      { label: 'of', unit: '' },
      { label: 'Token', unit: '' },
    ],
    rows: found.map(({ strategy, poolSize, connections, token, of, at, ...line }) => ({
      variant: strategy,
      label: [
        strategyLabel(plan, strategy),
        connectionsText(connections),
        `pool ${poolSize}`,
        ...furtherTexts(line),
      ].join(', '),
      cells: [
        figureCellOf({ value: at.value / 1000, low: at.low / 1000, high: at.high / 1000 }),
        textCell(of === 'cpu' ? 'CPU' : 'response p50 at saturation'),
        textCell(strategyLabel(plan, token)),
      ],
    })),
  }
}
