import { microOf } from '../estimates/micro.ts'
import type { Estimate } from '../record/estimate.ts'
import type { Results } from '../record/run.ts'
import { type Absent, loadKey } from '../record/slice.ts'
import type { Bounds } from '../statistics/independent.ts'
import type { Interval } from '../statistics/restart-interval.ts'

type CsvValue = string | number | undefined

/**
 * A field as RFC 4180 writes it. Text that a spreadsheet would take for a formula (it begins with `= + - @`, a tab or a
 * carriage return) gets an apostrophe in front (OWASP, "CSV Injection"); numbers stay numbers.
 */
export function csvField(value: CsvValue): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const columns = [
  'variant',
  'label',
  'baseline',
  'metric',
  'quantile',
  'kind',
  'unit',
  'load',
  'mode',
  'connections',
  'requestsPerSecond',
  'group',
  'value',
  'low',
  'high',
  'confidence',
  'adjustedP',
  'verdict',
  'method',
  'restarts',
  'rounds',
  'total',
  'task',
] as const

type Row = Partial<Record<(typeof columns)[number], CsvValue>>

/**
 * All estimates as CSV (RFC 4180, CRLF, one header line), columns named as in results.json, full precision; behind them
 * what `micro` found, with load `in process`.
 */
export function renderCsv(results: Results): string {
  const labels = new Map(results.plan.variants.map(({ id, label }) => [id, label]))
  const rows: Row[] = [...results.estimates.map(estimateRow), ...microRows(results)]
  const lines = rows.map((row) => {
    const labelled: Row = { ...row, label: labels.get(String(row.variant)) }
    return columns.map((column) => csvField(labelled[column])).join(',')
  })
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`
}

const estimateRow = (estimate: Estimate): Row => ({
  variant: estimate.variant,
  baseline: estimate.baseline,
  metric: estimate.metric,
  quantile: estimate.quantile,
  kind: estimate.kind,
  unit: estimate.kind === 'ratio' ? '1' : estimate.unit,
  load: loadKey(estimate.load),
  mode: estimate.load.mode,
  connections: estimate.load.connections,
  requestsPerSecond: estimate.load.mode === 'fixed-rate' ? estimate.load.requestsPerSecond : undefined,
  group: estimate.group,
  value: estimate.value,
  low: estimate.low,
  high: estimate.high,
  confidence: estimate.confidence,
  adjustedP: estimate.adjustedP,
  verdict: estimate.verdict,
  method: estimate.method,
  restarts: estimate.restarts,
  rounds: estimate.rounds,
  total: estimate.total,
})

/** Every task, then the step over the control, what share of the cost over HTTP it explains, and what remains. */
function microRows(results: Results): Row[] {
  const figures = microOf(results)
  if (figures === undefined) return []
  const control = results.plan.variants.find(({ role }) => role === 'control')?.id
  const place = { load: inProcess, mode: inProcess, group: 'default' }
  const row = (of: Row, figure: Bounds | Interval | Absent): Row[] =>
    'absent' in figure ? [] : [{ ...place, ...of, ...boundsOf(figure) }]
  const us = { unit: 'us', kind: 'absolute' }
  const ofStep = { ...us, baseline: control, task: 'step' }
  return [
    ...figures.tasks.flatMap(({ variant, task, cpu, elapsed }) => [
      ...row({ ...us, variant, metric: 'microCpuUs', task }, cpu),
      ...row({ ...us, variant, metric: 'microElapsedUs', task }, elapsed),
    ]),
    ...figures.shares.flatMap(({ variant, step, share, remainder }) => [
      ...row({ ...ofStep, variant, metric: 'microCpuUs', kind: 'cost' }, step),
      ...row({ ...ofStep, variant, metric: 'microShareOfHttpCost', kind: 'ratio', unit: '1' }, share),
      ...row({ ...ofStep, variant, metric: 'microRemainderOfHttpCostUs', kind: 'cost' }, remainder),
    ]),
  ]
}

const inProcess = 'in process'

const boundsOf = (figure: Bounds | Interval): Row => ({
  value: figure.value,
  low: figure.low,
  high: figure.high,
  confidence: 'confidence' in figure ? figure.confidence : 0.95,
  ...('restarts' in figure ? { restarts: figure.restarts, rounds: figure.rounds } : {}),
})
