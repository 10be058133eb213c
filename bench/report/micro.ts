import { type MicroFigures, microOf, type StepShare, type TaskFigure } from '../estimates/micro.ts'
import type { MicroRecord } from '../record/micro.ts'
import type { Results } from '../record/run.ts'
import type { Absent } from '../record/slice.ts'
import type { Bounds } from '../statistics/independent.ts'
import { headlineOf, percent } from './micro-headline.ts'
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
    headline: headlineOf(record, figures, (variant) => labelOf(results, variant)),
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
    note: `Step: CPU per call of authenticate over the control's, asynchronous ones with ${record.inFlight} under way${record.coreSpeeds === undefined ? '' : ', at one speed of the cores'}.${record.http ? ` Cost over HTTP: app CPU per request over the control, ${results.plan.connections} connections at saturation, same run. What remains is framework, event loop, a longer header.` : ''} One step: with no other under way, waiting included. 95 % intervals.`,
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
    'ask the auth service, cached',
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
    note: 'Signing or sealing one, without what a login writes and without hashing a password. JWTs are signed with jose, whoever verifies them.',
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
