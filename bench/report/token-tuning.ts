import { amount } from '../estimates/tuning/token-sentences.ts'
import type { BoundedOrAbsent } from '../record/bounded.ts'
import type { Results } from '../record/run.ts'
import { loadKey } from '../record/slice.ts'
import type { TokenCell, TokenCost, TokenRecommendation } from '../record/token-tuning.ts'
import { withMicroSign } from './figure-text.ts'
import { loadTitle } from './load-view.ts'
import { figureCell } from './microseconds.ts'
import type { Cell, Section } from './report-data.ts'
import { labelOf } from './sections.ts'
import type { TokenBarView, TokenTuningView } from './tuning-view.ts'

/** What a `tune token` run shows besides the ordinary report; words for terminal, Markdown and page alike. */
export interface TokenReport {
  readonly headline: readonly string[]
  readonly view: TokenTuningView
}

/** The report on tokens; undefined for a run that did not tune one. */
export function tokenReport(results: Results): TokenReport | undefined {
  const token = results.tuning?.token
  if (token === undefined) return undefined
  return {
    headline: token.sentences.map(withMicroSign),
    view: {
      sections: [
        ...token.recommendations.map((one) => costSection(results, token.cells, one)),
        propertySection(results, token.cells),
      ],
      notes: notesOf(results),
      bars: token.recommendations.flatMap((one) => barsOf(token.cells, one)),
    },
  }
}

const unknown = (reason: string): Cell => ({ kind: 'absent', reason })

const cellOf = (figure: BoundedOrAbsent | undefined): Cell =>
  figure === undefined ? unknown('not measured') : 'absent' in figure ? unknown(figure.absent) : figureCell(figure)

const wholeCell = (figure: BoundedOrAbsent, scale = 1): Cell => {
  if ('absent' in figure) return unknown(figure.absent)
  const text = (value: number): string => (value * scale).toLocaleString('en-US', { maximumFractionDigits: 0 })
  return {
    kind: 'figure',
    value: text(figure.value),
    interval: `±${text((figure.high - figure.low) / 2)}`,
    undecided: false,
  }
}

const textCell = (text: string): Cell => ({ kind: 'text', text })

const costUnder = ({ costs }: TokenCell, load: TokenRecommendation['load']): TokenCost | undefined =>
  costs.find((cost) => loadKey(cost.load) === loadKey(load))

const pointOf = (figure: BoundedOrAbsent | undefined): number =>
  figure === undefined || 'absent' in figure ? Number.POSITIVE_INFINITY : figure.value

/** Cheapest first; what has no figure last. */
function costSection(results: Results, cells: readonly TokenCell[], recommendation: TokenRecommendation): Section {
  const { load } = recommendation
  const saturated = load.mode === 'saturation'
  const rows = [...cells].sort((a, b) => pointOf(costUnder(a, load)?.appCpuUs) - pointOf(costUnder(b, load)?.appCpuUs))
  return {
    title: `Tokens by cost: ${loadTitle(load)}`,
    note: 'Per request over the control, 95 % intervals. Outside the event loop: app CPU minus event-loop time, mostly the thread pool.',
    columns: [
      { label: 'App CPU', unit: 'µs' },
      { label: 'Event loop', unit: 'µs' },
      { label: 'Outside it', unit: 'µs' },
      ...(saturated
        ? [
            { label: 'Requests/s', unit: '' },
            { label: 'Limited by', unit: '' },
          ]
        : []),
      { label: 'Answer', unit: '' },
    ],
    rows: rows.map((cell) => {
      const cost = costUnder(cell, load)
      return {
        variant: cell.variant,
        label: labelOf(results, cell.variant),
        cells: [
          cellOf(cost?.appCpuUs),
          cellOf(cost?.eventLoopUs),
          cellOf(cost?.outsideEventLoopUs),
          ...(saturated ? [wholeCell(cell.requestsPerSecond), limitCell(cell)] : []),
          textCell(standing(cell, recommendation)),
        ],
      }
    }),
  }
}

function limitCell({ limitedBy }: TokenCell): Cell {
  if (typeof limitedBy !== 'string') return unknown(limitedBy.absent)
  return textCell(limitedBy === 'event-loop' ? 'event loop' : 'thread pool')
}

function standing({ variant, misses }: TokenCell, { answer, second }: TokenRecommendation): string {
  if (misses.length > 0) return 'no'
  if (answer.state === 'none') return ''
  if (answer.state === 'unsettled' && answer.variants.includes(variant))
    return answer.variant === variant ? 'may be the cheapest; smallest' : 'may be the cheapest'
  if (answer.variant === variant) return answer.state === 'settled' ? 'the cheapest' : 'the only one'
  return second?.variant === variant ? 'second' : 'dearer'
}

/** What does not depend on the load. */
function propertySection(results: Results, cells: readonly TokenCell[]): Section {
  return {
    title: 'Tokens: signing, size, needs',
    note: 'Signing: CPU of the server per token (login or refresh), by jose whatever verifies it. Bytes: the credential as sent, header name included.',
    columns: [
      { label: 'Signing', unit: 'µs' },
      { label: 'Bytes', unit: '' },
      { label: 'Can be chosen', unit: '' },
    ],
    rows: cells.map((cell) => ({
      variant: cell.variant,
      label: labelOf(results, cell.variant),
      cells: [
        cellOf(cell.signingCpuUs),
        typeof cell.credentialBytes === 'number'
          ? textCell(cell.credentialBytes.toFixed(0))
          : unknown(cell.credentialBytes.absent),
        textCell(cell.misses.length === 0 ? 'yes' : `no: ${cell.misses.join('; ')}`),
      ],
    })),
  }
}

function notesOf({ plan, tuning }: Results): readonly string[] {
  const leftOut = plan.tokenGrid?.leftOut ?? []
  const limited = tuning?.token?.cells.some(({ limitedBy }) => typeof limitedBy === 'string') === true
  return [
    'An answer is shown to be the cheapest where it is cheaper than every other that can be chosen, over all comparisons at once (5 %), by more than the noise band.',
    ...(limited
      ? []
      : [
          'With one server core, event loop and thread pool take it from each other, and the loop’s time holds its waiting: its share is an upper bound.',
        ]),
    ...leftOut.map(({ combination, reason }) => `Not in the grid: ${combination}: ${reason}`),
  ]
}

/** Algorithms in the order of the grid, within each the cheapest first. */
function barsOf(cells: readonly TokenCell[], { load }: TokenRecommendation): readonly TokenBarView[] {
  const algorithms = [...new Set(cells.map(({ algorithm }) => algorithm))]
  const bars = cells.flatMap((cell): (TokenBarView & { readonly algorithm: string })[] => {
    const cost = costUnder(cell, load)
    if (cost === undefined || 'absent' in cost.appCpuUs) return []
    const { value, low, high } = cost.appCpuUs
    const { eventLoopUs: loop, outsideEventLoopUs: outside } = cost
    // The loop's time holds its waiting for the core: longer than all CPU, it tells nothing of the parts.
    const separable = !('absent' in loop) && !('absent' in outside) && outside.high >= 0
    const onLoop = separable ? Math.max(0, Math.min(loop.value, value)) : 0
    const bytes = typeof cell.credentialBytes === 'number' ? `${cell.credentialBytes.toFixed(0)} B` : ''
    const words = (figure: BoundedOrAbsent): string => withMicroSign(amount(figure))
    return [
      {
        algorithm: cell.algorithm,
        variant: cell.variant,
        load: loadKey(load),
        value,
        low,
        high,
        eventLoopUs: onLoop,
        outsideUs: separable ? value - onLoop : 0,
        unseparatedUs: separable ? 0 : value,
        figure: [words(cost.appCpuUs), bytes].filter((text) => text !== '').join(', '),
        words: [
          words(cost.appCpuUs),
          words(cost.eventLoopUs),
          words(cost.outsideEventLoopUs),
          words(cell.signingCpuUs),
          bytes,
        ],
      },
    ]
  })
  return bars
    .sort((a, b) => algorithms.indexOf(a.algorithm) - algorithms.indexOf(b.algorithm) || a.value - b.value)
    .map(({ algorithm: _algorithm, ...bar }) => bar)
}
