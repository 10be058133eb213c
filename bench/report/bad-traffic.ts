import { badTrafficTotals } from '../estimates/false-answers.ts'
import { refusingCosts } from '../estimates/refusing.ts'
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
  return variants.length === 0 ? [] : [costSection(results, variants), answerSection(results, variants, totals)]
}

function costSection({ slices }: Results, variants: readonly VariantRecord[]): Section {
  const costs = refusingCosts(slices)
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

function answerSection(
  { checks }: Results,
  variants: readonly VariantRecord[],
  totals: ReturnType<typeof badTrafficTotals>,
): Section {
  return {
    title: 'Bad credentials under load',
    note: 'Counted over all slices with bad credentials, those left out of estimates included. Not sent: what a variant does not promise to refuse.',
    columns: [
      { label: 'Bad ones', unit: 'sent' },
      { label: 'False accepts', unit: '' },
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
          count((sum?.requests ?? 0) - (sum?.badRequests ?? 0)),
          count(sum?.falseRefusals ?? 0),
          { kind: 'text', text: check?.sent.join(', ') ?? '' },
          { kind: 'text', text: check?.leftOut.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ') ?? '' },
        ],
      }
    }),
  }
}
