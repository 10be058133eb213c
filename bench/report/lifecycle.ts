import { withCompanions } from '../estimates/companions.ts'
import type { Lifecycle, LifecycleCall, LifecycleFigure, LifecycleMetric } from '../record/lifecycle.ts'
import type { Results } from '../record/run.ts'
import type { Cell, Section } from './report-data.ts'
import { labelOf } from './sections.ts'
import { boundedView, figureCellOf, textCell } from './tuning-words.ts'

interface CallColumn {
  readonly label: string
  readonly call: LifecycleCall
  readonly metric: 'cpu' | 'latencyUs'
  readonly unit: 'ms' | 'µs'
}

const callColumns: readonly CallColumn[] = [
  { label: 'Register', call: 'register', metric: 'cpu', unit: 'ms' },
  { label: 'Login', call: 'login', metric: 'cpu', unit: 'ms' },
  { label: 'Login without its hash', call: 'sign-in', metric: 'cpu', unit: 'µs' },
  { label: 'Refresh', call: 'refresh', metric: 'cpu', unit: 'µs' },
  { label: 'Logout', call: 'logout', metric: 'cpu', unit: 'µs' },
  { label: 'Login answered in', call: 'login', metric: 'latencyUs', unit: 'ms' },
  { label: 'Refresh answered in', call: 'refresh', metric: 'latencyUs', unit: 'µs' },
  { label: 'Logout answered in', call: 'logout', metric: 'latencyUs', unit: 'µs' },
]

/** What signing in and out costs, and requests whose access tokens are renewed; none where it was not measured. */
export function lifecycleSections(results: Results): readonly Section[] {
  const { lifecycle } = results
  if (lifecycle === undefined || lifecycle.calls.length === 0) return []
  // All CPU where Postgres's can be read, else the server's alone, under that name.
  const cpu: LifecycleMetric = lifecycle.calls.some(({ metric, figure }) => metric === 'totalCpuUs' && isKnown(figure))
    ? 'totalCpuUs'
    : 'appCpuUs'
  const sections = [callSection(results, lifecycle, cpu), amortisedSection(results, lifecycle, cpu)]
  return sections.filter((section) => section !== undefined)
}

const isKnown = (figure: LifecycleFigure): boolean => !('absent' in figure)

const inMs = (figure: LifecycleFigure): LifecycleFigure =>
  'absent' in figure ? figure : { value: figure.value / 1000, low: figure.low / 1000, high: figure.high / 1000 }

const cpuName = ({ batches }: Lifecycle, cpu: LifecycleMetric): string =>
  cpu === 'totalCpuUs' ? `app and database CPU${withCompanions({ slices: batches })}` : 'app CPU'

/** Those that were asked, in the order of the plan; the calls have that of the first restart. */
function variantsOf({ plan }: Results, { calls }: Lifecycle): readonly string[] {
  const called = new Set(calls.map(({ variant }) => variant))
  const planned = plan.variants.map(({ id }) => id).filter((id) => called.has(id))
  return [...new Set([...planned, ...called])]
}

function callSection(results: Results, lifecycle: Lifecycle, cpu: LifecycleMetric): Section {
  const hash = lifecycle.passwordHash.find(({ metric }) => metric === cpu)?.figure
  const hashText =
    hash === undefined || 'absent' in hash
      ? ''
      : ` Of each login and registration the password hash takes ${boundedView({ value: hash.value / 1000, low: hash.low / 1000, high: hash.high / 1000 }, 'ms').text}, the same for every strategy.`
  return {
    title: 'Signing in and out',
    note: `Each call alone, on one connection: ${cpuName(lifecycle, cpu)} per call, and response times.${hashText} The column without it is a login of a user whose stored hash costs next to nothing to check.`,
    columns: callColumns.map(({ label, metric, unit }) => ({ label, unit: metric === 'cpu' ? `${unit} CPU` : unit })),
    rows: variantsOf(results, lifecycle).map((variant) => ({
      variant,
      label: labelOf(results, variant),
      cells: callColumns.map((column) => callCell(lifecycle, variant, column, cpu)),
    })),
  }
}

function callCell(lifecycle: Lifecycle, variant: string, column: CallColumn, cpu: LifecycleMetric): Cell {
  const wanted = column.metric === 'cpu' ? cpu : column.metric
  const found = lifecycle.calls.find(
    ({ variant: whose, call, metric }) => whose === variant && call === column.call && metric === wanted,
  )
  if (found !== undefined) return figureCellOf(column.unit === 'ms' ? inMs(found.figure) : found.figure)
  return { kind: 'absent', reason: column.call === 'refresh' ? 'it has no refresh tokens' : 'not measured' }
}

function amortisedSection(results: Results, lifecycle: Lifecycle, cpu: LifecycleMetric): Section | undefined {
  const found = lifecycle.amortised.filter(({ metric }) => metric === cpu)
  if (found.length === 0) return undefined
  const uses = [...new Set(found.map(({ requestsPerToken }) => requestsPerToken))].sort((a, b) => a - b)
  return {
    title: 'Requests whose access token is renewed',
    note: `A client makes n requests with an access token, then refreshes it: ${cpuName(lifecycle, cpu)} per request, the refresh shared out. Measured, beside the formula cost(request) + cost(refresh) / n of calls measured apart; difference: measured minus formula, paired within restarts. A refresh among requests finds colder caches than one of twenty in a row, so the formula is a lower bound.`,
    columns: uses.flatMap((n) => [
      { label: `n = ${n}: measured`, unit: 'µs CPU' },
      { label: 'formula', unit: 'µs CPU' },
      { label: 'difference', unit: 'µs CPU' },
      { label: 'they agree', unit: '' },
    ]),
    rows: [...new Set(found.map(({ variant }) => variant))].map((variant) => ({
      variant,
      label: labelOf(results, variant),
      cells: uses.flatMap((n): Cell[] => {
        const one = found.find((other) => other.variant === variant && other.requestsPerToken === n)
        if (one === undefined) return Array.from({ length: 4 }, () => ({ kind: 'absent', reason: 'not measured' }))
        return [
          figureCellOf(one.measured),
          figureCellOf(one.formula),
          figureCellOf(one.difference),
          one.agrees === undefined
            ? { kind: 'absent', reason: 'there is no interval of the difference' }
            : textCell(one.agrees ? 'yes' : 'no'),
        ]
      }),
    })),
  }
}
