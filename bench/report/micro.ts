import { type MicroFigures, microOf, type StepShare, type TaskFigure } from '../estimates/micro.ts'
import type { VerifierRanking } from '../estimates/verifier-rankings.ts'
import type { MicroRecord } from '../record/micro.ts'
import type { Results } from '../record/run.ts'
import type { Absent } from '../record/slice.ts'
import type { Bounds } from '../statistics/independent.ts'
import { figureCell, intervalText, microseconds } from './microseconds.ts'
import type { Cell, Column, MicroView, Section, StepView } from './report-data.ts'
import { labelOf } from './sections.ts'

/** What a `micro` run shows besides the ordinary report; words for terminal, Markdown and page alike. */
export interface MicroReport {
  readonly headline: readonly string[]
  readonly view: MicroView
}

/** The report on steps in process; undefined for a run that timed none. */
export function microReport(results: Results): MicroReport | undefined {
  const { micro: record } = results
  const figures = microOf(results)
  if (record === undefined || figures === undefined) return undefined
  return {
    headline: headlineOf(record, figures),
    view: {
      sections: [
        stepSection(results, record, figures),
        partSection(results, figures),
        issueSection(results, figures),
      ].filter(({ rows }) => rows.length > 0),
      notes: notesOf(results, record, figures),
      steps: stepViews(figures),
    },
  }
}

type WithShare = StepShare & { readonly share: Bounds }
type WithStep = StepShare & { readonly step: Bounds }

function headlineOf(record: MicroRecord, { shares, rankings }: MicroFigures): readonly string[] {
  const steps = shares
    .filter((one): one is WithStep => !('absent' in one.step))
    .sort((a, b) => a.step.value - b.step.value)
  const [cheapest] = steps
  const dearest = steps.at(-1)
  if (cheapest === undefined || dearest === undefined) {
    return [
      `Nothing can be said of the steps in process: ${record.restarts} restarts were planned, and 3 are needed for an interval.`,
    ]
  }
  const us = ({ step, label }: WithStep): string => `${microseconds(step.value, 2)} µs (${label})`
  return [
    cheapest === dearest
      ? `By itself, in process, the authentication step takes ${us(cheapest)} of CPU more than the control's.`
      : `By itself, in process, the authentication step takes from ${us(cheapest)} to ${us(dearest)} of CPU more than the control's.`,
    ...sharesInWords(record, shares),
    ...rankings.map(rankingInWords),
  ]
}

function sharesInWords(record: MicroRecord, shares: readonly StepShare[]): readonly string[] {
  const known = shares
    .filter((one): one is WithShare => !('absent' in one.share))
    .sort((a, b) => a.share.value - b.share.value)
  const [least] = known
  const most = known.at(-1)
  if (least === undefined || most === undefined) {
    return [
      record.http
        ? 'What share of the cost over HTTP that explains cannot be told from this run.'
        : 'Nothing was measured over HTTP (--no-http).',
    ]
  }
  const part = ({ share, label }: WithShare): string => `${percent(share.value)} (${label})`
  const range = least === most ? part(least) : `from ${part(least)} to ${part(most)}`
  return [`That explains ${range} of the app CPU that the variants cost over HTTP at saturation.`]
}

/** Whether both rankings agree, of the pairs that both tell. */
function rankingInWords({ algorithm, inProcess, overHttp, told, pairs }: VerifierRanking): string {
  const against = told.filter(({ agrees }) => !agrees)
  const orders = `in process ${inProcess.join(', ')}; over HTTP ${overHttp.join(', ')}`
  const verdict =
    told.length === 0
      ? `in each of the ${pairs} pairs intervals overlap here or there, so nothing can be compared`
      : against.length === 0
        ? `both rankings agree in ${told.length === 1 ? 'the one pair' : `all ${told.length} pairs`} (of ${pairs}) whose intervals do not overlap`
        : `the rankings disagree in ${against.length} of the ${told.length} pairs whose intervals do not overlap: ${against.map(({ cheaper, dearer }) => `${cheaper} is cheaper than ${dearer} in process and dearer over HTTP`).join('; ')}`
  return `Verifiers of ${algorithm}, cheapest first, ${orders}: ${verdict}.`
}

const percent = (share: number): string => `${Math.round(share * 100)} %`.replace('-', '−')

const nothing = ({ absent }: Absent): Cell => ({ kind: 'absent', reason: absent })
const cellOf = (figure: Bounds | Absent | undefined): Cell =>
  figure === undefined
    ? { kind: 'absent', reason: 'no part of it' }
    : 'absent' in figure
      ? nothing(figure)
      : figureCell(figure)

function shareCell(share: Bounds | Absent): Cell {
  if ('absent' in share) return nothing(share)
  return {
    kind: 'figure',
    value: (share.value * 100).toFixed(0).replace('-', '−'),
    interval: `${(share.low * 100).toFixed(0)} to ${(share.high * 100).toFixed(0)}`.replaceAll('-', '−'),
    undecided: false,
  }
}

function stepSection(results: Results, record: MicroRecord, { shares, tasks }: MicroFigures): Section {
  const elapsed = ({ variant }: StepShare): Bounds | Absent | undefined =>
    tasks.find((task) => task.variant === variant && task.kind === 'step')?.elapsed
  const columns: readonly Column[] = [
    { label: 'Step in process', unit: 'µs of CPU' },
    ...(record.http
      ? [
          { label: 'Cost over HTTP', unit: 'µs of CPU' },
          { label: 'Step explains', unit: '%' },
          { label: 'Remains', unit: 'µs of CPU' },
        ]
      : []),
    { label: 'One step takes', unit: 'µs elapsed' },
  ]
  return {
    title: 'The authentication step in process, and what it costs over HTTP',
    note: `Step: CPU per call of authenticate over the control's, asynchronous ones with ${record.inFlight} under way.${record.http ? ` Cost over HTTP: app CPU per request over the control, ${results.plan.connections} connections at saturation, same run. What remains is framework, event loop, a longer header.` : ''} One step: with no other under way, waiting included. 95 % intervals.`,
    columns,
    rows: shares.map((one) => ({
      variant: one.variant,
      label: one.label,
      cells: [
        cellOf(one.step),
        ...(record.http ? [cellOf(one.http), shareCell(one.share), cellOf(one.remainder)] : []),
        cellOf(elapsed(one)),
      ],
    })),
  }
}

/** Names of parts in an order that suits all variants: each stands before whatever any variant has after it. */
function partNames(tasks: readonly TaskFigure[]): readonly string[] {
  const known = [
    'parse',
    'hash',
    'look up',
    'look up, cached',
    'ask the auth service',
    'check header',
    'verify',
    'verify, cached',
    'decrypt',
    'check claims',
    'look up denylist',
  ]
  const found = new Set(tasks.filter(({ kind }) => kind === 'part').map(({ task }) => task))
  return [...known.filter((name) => found.delete(name)), ...found]
}

function partSection(results: Results, { tasks }: MicroFigures): Section {
  const names = partNames(tasks)
  const variants = [...new Set(tasks.filter(({ kind }) => kind === 'step').map(({ variant }) => variant))]
  const find = (variant: string, kind: TaskFigure['kind'], name?: string): Bounds | Absent | undefined =>
    tasks.find((task) => task.variant === variant && task.kind === kind && (name === undefined || task.task === name))
      ?.cpu
  return {
    title: 'Parts of the step',
    note: 'CPU per call of each part by itself, and of the whole step (not over the control).',
    columns: [...names, 'whole step'].map((label) => ({ label, unit: 'µs' })),
    rows: inPlanOrder(results, variants).map((variant) => ({
      variant,
      label: labelOf(results, variant),
      cells: [...names.map((name) => cellOf(find(variant, 'part', name))), cellOf(find(variant, 'step'))],
    })),
  }
}

const inPlanOrder = (results: Results, variants: readonly string[]): readonly string[] =>
  results.plan.variants.map(({ id }) => id).filter((id) => variants.includes(id))

function issueSection(results: Results, { tasks }: MicroFigures): Section {
  const issues = tasks.filter(({ kind }) => kind === 'issue')
  return {
    title: 'Making a credential',
    note: 'Signing or sealing one, without what a login writes and without hashing a password.',
    columns: [
      { label: 'CPU', unit: 'µs' },
      { label: 'One takes', unit: 'µs elapsed' },
    ],
    rows: inPlanOrder(
      results,
      issues.map(({ variant }) => variant),
    ).map((variant) => {
      const found = issues.find((task) => task.variant === variant)
      return { variant, label: labelOf(results, variant), cells: [cellOf(found?.cpu), cellOf(found?.elapsed)] }
    }),
  }
}

function notesOf(results: Results, record: MicroRecord, { tasks }: MicroFigures): readonly string[] {
  const empty = tasks.flatMap(({ kind, async, cpu }) =>
    kind !== 'empty' || 'absent' in cpu ? [] : [`${microseconds(cpu.value, 0.01)} µs a ${async ? 'promise' : 'call'}`],
  )
  return [
    `Made with tinybench in a process per variant, ${record.restarts} restarts × ${record.rounds} rounds of ${record.runMs} ms a task in random order, requests of ${record.users.toLocaleString('en-US')} users; samples are batches of calls.${empty.length === 0 ? '' : ` The loop around them takes ${empty.join(' and ')}, which is not subtracted.`}`,
    ...record.leftOut.map(({ variant, reason }) => `Not timed in process: ${labelOf(results, variant)}: ${reason}`),
  ]
}

function stepViews({ shares, tasks }: MicroFigures): readonly StepView[] {
  return shares.flatMap(({ variant, step, http, share, remainder }) => {
    if ('absent' in step) return []
    const parts = tasks.flatMap((task) =>
      task.variant !== variant || task.kind !== 'part' || 'absent' in task.cpu
        ? []
        : [{ name: task.task, us: task.cpu.value }],
    )
    const whole = { name: 'whole step', us: step.value }
    return [
      {
        variant,
        parts: parts.length === 0 ? [whole] : parts,
        ...('absent' in http ? {} : { http: { us: http.value, lowUs: http.low, highUs: http.high } }),
        figure: 'absent' in share ? intervalText(step) : `${intervalText(step)}, ${percent(share.value)}`,
        words: [
          intervalText(step),
          'absent' in http ? '–' : intervalText(http),
          'absent' in share ? '–' : `${percent(share.value)} (${percent(share.low)} to ${percent(share.high)})`,
          'absent' in remainder ? '–' : intervalText(remainder),
        ],
      },
    ]
  })
}
