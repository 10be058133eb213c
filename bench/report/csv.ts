import type { Results } from '../record/run.ts'
import { loadKey } from '../record/slice.ts'

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
] as const

/** All estimates as CSV (RFC 4180, CRLF, one header line), columns named as in results.json, full precision. */
export function renderCsv(results: Pick<Results, 'estimates' | 'plan'>): string {
  const labels = new Map(results.plan.variants.map(({ id, label }) => [id, label]))
  const lines = results.estimates.map((estimate) => {
    const { load } = estimate
    const values: Record<(typeof columns)[number], CsvValue> = {
      variant: estimate.variant,
      label: labels.get(estimate.variant),
      baseline: estimate.baseline,
      metric: estimate.metric,
      quantile: estimate.quantile,
      kind: estimate.kind,
      unit: estimate.kind === 'ratio' ? '1' : estimate.unit,
      load: loadKey(load),
      mode: load.mode,
      connections: load.connections,
      requestsPerSecond: load.mode === 'fixed-rate' ? load.requestsPerSecond : undefined,
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
    }
    return columns.map((column) => csvField(values[column])).join(',')
  })
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`
}
