import { companionsInTotal } from '../estimates/companions.ts'
import { inOtherSets } from '../estimates/other-sets.ts'
import { deploymentLabel } from '../plan/deployment.ts'
import type { Estimate } from '../record/estimate.ts'
import { checkedId, type Results, type VariantRecord } from '../record/run.ts'
import type { LoadMode } from '../record/slice.ts'
import { labelIn } from './companion-label.ts'
import { figureText, metricLabel, metricUnit, quantileName, revocationText, valueText } from './figure-text.ts'
import { type LoadInUse, loadShort, loadsInUse, viewKey } from './load-view.ts'
import type { Cell, Column, Section } from './report-data.ts'
import { hasLags, lagCell } from './revocation.ts'
import { clockNote } from './steady-cost.ts'

/** Which estimate stands in a column. */
interface ColumnSource {
  readonly label: string
  readonly metric: string
  readonly kind: Estimate['kind']
  readonly quantile?: number
  /** Instead of the metric's own. */
  readonly unit?: string
}

const cpuCost: readonly ColumnSource[] = [
  { label: 'App CPU cost', metric: 'appCpuUsPerRequest', kind: 'cost' },
  { label: 'Database CPU cost', metric: 'databaseCpuUsPerRequest', kind: 'cost' },
  // Only where it is more than the sum of the two.
  { label: 'All CPU cost', metric: 'totalCpuUsPerRequest', kind: 'cost' },
]
const added: readonly ColumnSource[] = [
  { label: 'Added p50', metric: 'latencyUs', kind: 'cost', quantile: 0.5 },
  { label: 'Added p99', metric: 'latencyUs', kind: 'cost', quantile: 0.99 },
]
const response: readonly ColumnSource[] = [
  { label: 'Response p50', metric: 'latencyUs', kind: 'absolute', quantile: 0.5 },
  { label: 'Response p99', metric: 'latencyUs', kind: 'absolute', quantile: 0.99 },
]

/** What is worth comparing in each mode. Closed-loop latency is queueing: at saturation nothing is called added. */
const columnsOf: Record<LoadMode, readonly ColumnSource[]> = {
  'fixed-rate': [...cpuCost, ...added, ...response],
  saturation: [
    ...cpuCost,
    { label: 'Requests/s', metric: 'requestsPerSecond', kind: 'absolute' },
    ...response.map((column) => ({ ...column, unit: 'µs, queueing' })),
  ],
  unloaded: [...added, ...response],
  'bad-traffic': [...cpuCost, { label: 'Requests/s', metric: 'requestsPerSecond', kind: 'absolute' }],
}

const noteOf: Record<LoadMode, string> = {
  'fixed-rate':
    'Requests arrive on a schedule whether or not earlier ones were answered; latency counts from the scheduled start. Cost and added latency: per request over the control.',
  saturation:
    'Every connection sends its next request as soon as it is answered. Cost: per request over the control. Response time at saturation (queueing, not added latency).',
  unloaded: 'One request at a time: what a single user feels. Added latency: over the control.',
  'bad-traffic':
    'As at saturation, with absent, forged, expired and revoked credentials in equal parts (the control: absent and malformed ones) among the good. Cost: per request, good or bad, over the control under the same traffic.',
}

/** The columns that hold a figure for at least one variant: a column without any says nothing. */
const inhabited = (
  sources: readonly ColumnSource[],
  found: (source: ColumnSource) => boolean,
): readonly ColumnSource[] => sources.filter(found)

function cell(results: Results, variant: VariantRecord, source: ColumnSource, use: LoadInUse, baseline?: string): Cell {
  const estimate = results.estimates.find(
    (candidate) =>
      candidate.variant === variant.id &&
      candidate.metric === source.metric &&
      candidate.kind === source.kind &&
      candidate.quantile === source.quantile &&
      viewKey(candidate.load, candidate.group) === use.view.key &&
      (source.kind === 'absolute' || baseline === undefined || candidate.baseline === baseline),
  )
  if (estimate !== undefined) return figureCell(estimate)
  if (variant.role === 'control' && source.kind !== 'absolute') return { kind: 'text', text: 'baseline' }
  const reason = results.absent.find(
    (absent) =>
      absent.variant === variant.id &&
      absent.metric === source.metric &&
      absent.quantile === source.quantile &&
      viewKey(absent.load) === viewKey(use.load),
  )?.reason
  return { kind: 'absent', reason: reason ?? (variant.state === 'measured' ? 'not estimated' : variant.state.leftOut) }
}

function figureCell(estimate: Estimate): Cell {
  const { value, interval } = figureText(estimate)
  // What is exactly nothing in every round (no query, no database) is no undecided difference.
  if (interval === '') return { kind: 'figure', value: Number(value) === 0 ? '0' : value, interval, undecided: false }
  return { kind: 'figure', value, interval, undecided: estimate.verdict === 'no-difference-shown' }
}

/** The total says what it includes beside app and database. */
const columnOf = (source: ColumnSource, companions: string): Column => ({
  label:
    companions === '' || source.metric !== 'totalCpuUsPerRequest'
      ? source.label
      : `${source.label}, with ${companions}`,
  unit: source.unit ?? (source.kind === 'ratio' ? '×' : metricUnit(source.metric)),
})

/** One comparison table a load, variants in the order of the plan. */
export function loadSections(results: Results): readonly Section[] {
  const controls = new Set(results.plan.variants.filter(({ role }) => role === 'control').map(({ id }) => id))
  const companions = companionsInTotal(results)
  return loadsInUse(results).flatMap((use) => {
    const inLoad = results.estimates.filter(({ load, group }) => viewKey(load, group) === use.view.key)
    const sources = inhabited(
      columnsOf[use.load.mode],
      ({ metric, kind, quantile }) =>
        (metric !== 'totalCpuUsPerRequest' || companions !== '') &&
        inLoad.some(
          (estimate) => estimate.metric === metric && estimate.kind === kind && estimate.quantile === quantile,
        ),
    )
    const [control] = controls
    // Nothing could be estimated of it (too few restarts): the list of what is missing says why.
    if (sources.length === 0) return []
    const section: Section = {
      title: use.view.title,
      note: noteOf[use.load.mode] + (use.load.mode === 'bad-traffic' ? '' : clockNote(results)),
      columns: sources.map((source) => columnOf(source, companions)),
      rows: results.plan.variants.map((variant) => ({
        variant: variant.id,
        label: variant.label,
        cells: sources.map((source) => cell(results, variant, source, use, control)),
      })),
    }
    return [section]
  })
}

const pairColumns: readonly ColumnSource[] = [
  { label: 'App CPU', metric: 'appCpuUsPerRequest', kind: 'cost' },
  { label: 'Database CPU', metric: 'databaseCpuUsPerRequest', kind: 'cost' },
  { label: 'App + database CPU', metric: 'totalCpuUsPerRequest', kind: 'cost' },
  { label: 'Latency p50', metric: 'latencyUs', kind: 'cost', quantile: 0.5 },
  { label: 'Latency p99', metric: 'latencyUs', kind: 'cost', quantile: 0.99 },
]

/**
 * Candidates against one another, paired directly: two costs share the control, so their difference cannot be derived
 * from their intervals. One table a load; signs are variant minus baseline.
 */
export function pairSections(results: Results): readonly Section[] {
  const controls = new Set(results.plan.variants.filter(({ role }) => role !== 'candidate').map(({ id }) => id))
  const pairs = results.estimates.filter(
    ({ baseline, kind }) => baseline !== undefined && kind === 'cost' && !controls.has(baseline),
  )
  const baselines = [...new Set(pairs.map(({ baseline }) => baseline ?? ''))]
  const companions = companionsInTotal(results)
  return baselines.flatMap((baseline) => {
    const name = labelOf(results, baseline)
    const elsewhere = inOtherSets(results, baseline).map(({ label }) => label)
    const notCompared =
      elsewhere.length === 0 ? '' : ` Not compared with ${elsewhere.join(', ')}, which stood in another set.`
    return loadsInUse(results).flatMap((use) => {
      const inLoad = pairs.filter(
        (pair) => pair.baseline === baseline && viewKey(pair.load, pair.group) === use.view.key,
      )
      if (inLoad.length === 0) return []
      const sources = inhabited(pairColumns, ({ metric, quantile }) =>
        inLoad.some((pair) => pair.metric === metric && pair.quantile === quantile),
      )
      const section: Section = {
        title: `Against ${name}: ${loadShort(use.load, use.group)}`,
        note: `Each variant minus ${name}, per request, paired by round (latencies: percentiles of each restart's merged slices, paired by restart): below zero is cheaper than ${name}.${notCompared}`,
        columns: sources.map((source) => columnOf(source, companions)),
        rows: results.plan.variants
          .filter(({ id }) => inLoad.some((pair) => pair.variant === id))
          .map((variant) => ({
            variant: variant.id,
            label: variant.label,
            cells: sources.map((source) => cell(results, variant, source, use, baseline)),
          })),
      }
      return [section]
    })
  })
}

/** Variants as they were checked: once, however often they are deployed, under the id and label of the strategy. */
export function oncePerCheck(variants: readonly VariantRecord[]): readonly VariantRecord[] {
  const byId = new Map<string, VariantRecord>()
  for (const variant of variants) {
    const id = checkedId(variant)
    if (!byId.has(id))
      byId.set(id, variant.deployment === undefined ? variant : { ...variant, id, label: baseLabel(variant) })
  }
  return [...byId.values()]
}

/** `Session, pool 2` without what is said of its deployment. */
function baseLabel({ label, deployment }: VariantRecord): string {
  const suffix = deployment === undefined ? '' : `, ${deploymentLabel(deployment)}`
  return suffix !== '' && label.endsWith(suffix) ? label.slice(0, -suffix.length) : label
}

const lagColumns = [
  { event: 'logout', label: 'Accepted after logout' },
  { event: 'role-change', label: 'Old role after its change' },
  { event: 'user-deletion', label: 'Accepted after deletion' },
] as const

/** What does not depend on the load: queries, revocation, bytes of the credential, how it travels. */
export function propertySection(results: Results): Section {
  const events = lagColumns.filter(({ event }) => hasLags(results, event))
  const lags = events.length > 0
  return {
    title: 'Queries per request, revocation and the credential',
    note: `Queries are counted exactly in an untimed pass. Revocation: for how long a credential that was revoked on the server is still accepted, as promised${lags ? ', and as measured by asking until a logout, a deletion or a changed role showed (of a shortened lifetime where the promised one is too long to wait for)' : ''}.`,
    columns: [
      { label: 'Queries per request', unit: '' },
      { label: 'pg_stat_statements', unit: 'calls' },
      { label: 'Revocation', unit: '' },
      ...events.map(({ label }) => ({ label, unit: '' })),
      { label: 'Credential', unit: 'bytes' },
      { label: 'Travels as', unit: '' },
    ],
    rows: oncePerCheck(results.plan.variants).map((variant) => {
      const counted = results.checks.queryCounts.find((count) => count.variant === variant.id)
      const statements = counted?.pgStatStatements
      return {
        variant: variant.id,
        label: variant.label,
        cells: [
          counted === undefined
            ? { kind: 'absent', reason: 'not counted' }
            : { kind: 'text', text: perRequest(counted.counted, counted.requests) },
          statements === undefined
            ? { kind: 'absent', reason: 'not counted' }
            : typeof statements === 'number'
              ? { kind: 'text', text: perRequest(statements, counted?.requests ?? 1) }
              : { kind: 'absent', reason: statements.absent },
          { kind: 'text', text: revocationText(variant.revocation) },
          ...events.map(({ event }) => lagCell(results, variant.id, event)),
          variant.credentialBytes === undefined
            ? { kind: 'absent', reason: 'not recorded' }
            : { kind: 'text', text: variant.credentialBytes.toFixed(0) },
          { kind: 'text', text: variant.carrier },
        ],
      }
    }),
  }
}

const perRequest = (counted: number, requests: number): string => String(Number((counted / requests).toFixed(4)))

/** The label of a variant by its id; the id itself where the plan does not know it. */
export const labelOf = (results: Pick<Results, 'plan'>, id: string): string =>
  results.plan.variants.find((variant) => variant.id === id)?.label ?? id

/** The noise band in words, one for each metric that costs are shown of. */
export function noiseBandFacts(results: Results): readonly { readonly name: string; readonly value: string }[] {
  const shown = new Set(['appCpuUsPerRequest', 'databaseCpuUsPerRequest', 'totalCpuUsPerRequest', 'latencyUs'])
  return results.noiseBands
    .filter(({ metric, quantile }) => shown.has(metric) && quantile !== 0.9)
    .map((band) => {
      const estimate = { metric: band.metric, kind: 'cost' as const }
      return {
        name: `${labelIn(results, band.metric)}${band.quantile === undefined ? '' : ` ${quantileName(band.quantile)}`}, ${loadShort(band.load)}`,
        value: `${valueText(estimate, band.band)} ${metricUnit(band.metric)}`,
      }
    })
}

/** `Response time p99`, `App CPU per request`. */
export const figureName = (metric: string, quantile?: number): string =>
  quantile === undefined ? metricLabel(metric) : `${metricLabel(metric)} ${quantileName(quantile)}`
