import type { EstimateView, ReportData } from '../report-data.ts'

/** One row of the table of all estimates: what is shown, and what it is sorted by. */
export interface EstimateRow {
  readonly variant: string
  readonly against: string
  readonly figure: string
  readonly kind: string
  readonly load: string
  readonly value: string
  readonly interval: string
  readonly unit: string
  readonly verdict: string
  readonly basis: string
  readonly number: number
}

export const estimateColumns = [
  { key: 'variant', label: 'Variant' },
  { key: 'figure', label: 'Figure' },
  { key: 'kind', label: 'Kind' },
  { key: 'against', label: 'Against' },
  { key: 'load', label: 'Load' },
  { key: 'value', label: 'Value' },
  { key: 'interval', label: '95 % interval' },
  { key: 'unit', label: 'Unit' },
  { key: 'verdict', label: 'Verdict' },
  { key: 'basis', label: 'Restarts, rounds' },
] as const satisfies readonly { key: keyof EstimateRow; label: string }[]

export type EstimateColumn = (typeof estimateColumns)[number]['key']

/** All estimates of a load (or of all, for undefined) whose words contain every word of the filter. */
export function estimateRows(data: ReportData, load: string | undefined, filter: string): readonly EstimateRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const labels = new Map(data.variants.map(({ id, label }) => [id, label]))
  const loads = new Map(data.loads.map(({ key, short }) => [key, short]))
  return data.estimates
    .filter((estimate) => load === undefined || estimate.load === load)
    .map((estimate) => rowOf(estimate, labels, loads))
    .filter((row) => {
      const text = `${row.variant} ${row.figure} ${row.kind} ${row.against} ${row.load} ${row.verdict}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
}

function rowOf(
  estimate: EstimateView,
  labels: ReadonlyMap<string, string>,
  loads: ReadonlyMap<string, string>,
): EstimateRow {
  const quantile = estimate.quantile === undefined ? '' : ` p${Number((estimate.quantile * 100).toFixed(4))}`
  const p =
    estimate.adjustedP === undefined
      ? ''
      : `, p ${estimate.adjustedP < 0.001 ? '< 0.001' : estimate.adjustedP.toFixed(3)}`
  return {
    variant: labels.get(estimate.variant) ?? estimate.variant,
    against: estimate.baseline === undefined ? '' : (labels.get(estimate.baseline) ?? estimate.baseline),
    figure: `${estimate.metricLabel}${quantile}`,
    kind: estimate.kind,
    load: loads.get(estimate.load) ?? estimate.load,
    value: estimate.valueText,
    interval: estimate.intervalText,
    unit: estimate.unit,
    verdict: estimate.verdict === undefined ? '' : `${estimate.verdict.replaceAll('-', ' ')}${p}`,
    basis: `${estimate.restarts}, ${estimate.rounds}`,
    number: estimate.value,
  }
}

/** Sorted by a column, values and intervals by their numbers; equal rows keep their order. */
export function sortRows(
  rows: readonly EstimateRow[],
  column: EstimateColumn,
  descending: boolean,
): readonly EstimateRow[] {
  const compare = (a: EstimateRow, b: EstimateRow): number =>
    column === 'value' || column === 'interval'
      ? a.number - b.number
      : a[column].localeCompare(b[column], 'en', { numeric: true })
  return [...rows].sort((a, b) => (descending ? compare(b, a) : compare(a, b)))
}
