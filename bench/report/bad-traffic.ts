import { badTrafficTotals } from '../estimates/false-answers.ts'
import { type RefusingCost, refusingCosts } from '../estimates/refusing.ts'
import { checkedId, type Results, type VariantRecord } from '../record/run.ts'
import type { Absent } from '../record/slice.ts'
import type { Interval } from '../statistics/restart-interval.ts'
import { figureText } from './figure-text.ts'
import type { Cell, Section } from './report-data.ts'

const cpu = { metric: 'appCpuUsPerRequest', kind: 'cost' } as const

function figure(found: Interval | Absent | undefined): Cell {
  if (found === undefined) return { kind: 'absent', reason: 'no slice of nothing but bad credentials' }
  if ('absent' in found) return { kind: 'absent', reason: found.absent }
  return { kind: 'figure', ...figureText({ ...cpu, ...found }), undecided: false }
}

const count = (number: number): Cell => ({ kind: 'text', text: number.toLocaleString('en-US') })

/** What refusing costs, and whether it was right under load; no table where no bad traffic was sent. */
export function badTrafficSections(results: Results): readonly Section[] {
  const totals = badTrafficTotals(results.slices)
  const variants = results.plan.variants.filter(({ id }) => totals.has(id))
  if (variants.length === 0) return []
  const costs = refusingCosts(results)
  return [costSection(costs, variants), ...kindSections(costs, variants), answerSection(results, variants, totals)]
}

function costSection(costs: readonly RefusingCost[], variants: readonly VariantRecord[]): Section {
  return {
    title: 'What refusing costs',
    note: 'CPU of a request in slices of nothing but bad credentials, all kinds in equal parts, minus that of an accepted one in the slice at saturation just before; below zero, refusing is cheaper. Mixed over its parts: app CPU of a request in mixed traffic minus what its good and bad requests cost by themselves; near zero, refusing costs the same among good requests.',
    columns: [
      { label: 'App CPU', unit: 'µs' },
      { label: 'Database CPU', unit: 'µs' },
      { label: 'Mixed over its parts', unit: 'µs' },
    ],
    rows: variants.map(({ id, label }) => {
      const cost = costs.find(({ variant }) => variant === id)
      return { variant: id, label, cells: [figure(cost?.app), figure(cost?.database), figure(cost?.mixed)] }
    }),
  }
}

/** One row a variant and kind, where kinds were measured by themselves. */
function kindSections(costs: readonly RefusingCost[], variants: readonly VariantRecord[]): readonly Section[] {
  const rows = variants.flatMap(({ id, label }) =>
    (costs.find(({ variant }) => variant === id)?.kinds ?? []).map(({ kind, app, database }) => ({
      variant: id,
      label: `${label}: ${kind}`,
      cells: [figure(app), figure(database)],
    })),
  )
  if (rows.length === 0) return []
  const section: Section = {
    title: 'What refusing costs, by kind',
    note: 'As above, in slices of nothing but one kind of bad credentials: CPU of a refused request minus that of an accepted one in the slice at saturation of the same round.',
    columns: [
      { label: 'App CPU', unit: 'µs' },
      { label: 'Database CPU', unit: 'µs' },
    ],
    rows,
  }
  return [section]
}

function answerSection(
  { checks }: Results,
  variants: readonly VariantRecord[],
  totals: ReturnType<typeof badTrafficTotals>,
): Section {
  return {
    title: 'Bad credentials under load',
    note: 'Counted over all slices with bad credentials, those left out of estimates included. Wrong refusals: bad ones answered neither with an accept nor with the application’s own 401. Not sent: what a variant does not promise to refuse.',
    columns: [
      { label: 'Bad ones', unit: 'sent' },
      { label: 'False accepts', unit: '' },
      { label: 'Wrong refusals', unit: '' },
      { label: 'Good ones', unit: 'sent' },
      { label: 'False refusals', unit: '' },
      { label: 'Kinds', unit: '' },
      { label: 'Not sent', unit: '' },
    ],
    rows: variants.map((variant) => {
      const sum = totals.get(variant.id)
      const check = checks.badTraffic?.find((one) => one.variant === checkedId(variant))
      return {
        variant: variant.id,
        label: variant.label,
        cells: [
          count(sum?.badRequests ?? 0),
          count(sum?.falseAccepts ?? 0),
          count(sum?.wrongRefusals ?? 0),
          count((sum?.requests ?? 0) - (sum?.badRequests ?? 0)),
          count(sum?.falseRefusals ?? 0),
          { kind: 'text', text: check?.sent.join(', ') ?? '' },
          { kind: 'text', text: check?.leftOut.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ') ?? '' },
        ],
      }
    }),
  }
}
