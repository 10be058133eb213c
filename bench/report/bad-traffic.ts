import { badTrafficTotals } from '../estimates/false-answers.ts'
import { refusingCosts } from '../estimates/refusing.ts'
import { checkedId, type Results } from '../record/run.ts'
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

/** What refusing costs, and whether it was right under load. Undefined where no bad traffic was sent. */
export function badTrafficSection(results: Results): Section | undefined {
  const totals = badTrafficTotals(results.slices)
  if (totals.size === 0) return undefined
  const costs = refusingCosts(results.slices)
  const variants = results.plan.variants.filter(({ id }) => totals.has(id))
  return {
    title: 'Bad credentials under load',
    note: 'Refusing: CPU of a request in slices of nothing but bad credentials, minus that of an accepted one in the slice at saturation just before; below zero, refusing is cheaper. All kinds in equal parts. Mixed over its parts: app CPU of a request in mixed traffic minus what its good and bad requests cost by themselves; near zero, refusing costs the same among good requests. False accepts and false refusals are counted over all slices with bad credentials, those left out of estimates included.',
    columns: [
      { label: 'Refusing: app CPU', unit: 'µs' },
      { label: 'Refusing: database CPU', unit: 'µs' },
      { label: 'Mixed over its parts', unit: 'µs' },
      { label: 'Bad credentials', unit: 'sent' },
      { label: 'False accepts', unit: '' },
      { label: 'Good ones between', unit: 'sent' },
      { label: 'False refusals', unit: '' },
      { label: 'Kinds', unit: '' },
      { label: 'Not sent', unit: '' },
    ],
    rows: variants.map((variant) => {
      const sum = totals.get(variant.id)
      const cost = costs.find((one) => one.variant === variant.id)
      const check = results.checks.badTraffic?.find((one) => one.variant === checkedId(variant))
      return {
        variant: variant.id,
        label: variant.label,
        cells: [
          figure(cost?.app),
          figure(cost?.database),
          figure(cost?.mixed),
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
