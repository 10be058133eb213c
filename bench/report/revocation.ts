import type { Results, RevocationLag } from '../record/run.ts'
import { durationText } from './figure-text.ts'
import type { Cell, RevocationView } from './report-data.ts'

type Event = RevocationLag['event']

/** The measured lag of an event, beside the promise: `0 ms`, `1.6 s of a 2 s lifetime`. */
export function lagCell(results: Results, variant: string, event: Event): Cell {
  const found = lagsOf(results, event).find((lag) => lag.variant === variant)
  if (found === undefined) return { kind: 'absent', reason: 'nothing to revoke, or not measured' }
  if (typeof found.lagMs !== 'number') return { kind: 'absent', reason: `${found.lagMs.absent}; ${found.formula}` }
  return { kind: 'text', text: measuredText(found, found.lagMs) }
}

/** Whether the run measured the lags of an event: older files have none, or those of a logout only. */
export const hasLags = (results: Results, event: Event): boolean => lagsOf(results, event).length > 0

/** For the chart: the measured lag, or what the promise comes to where only a shorter lifetime could be waited for. */
export const revocationViews = (results: Results): readonly RevocationView[] =>
  (results.checks.revocation ?? []).map((lag) => {
    const measured = typeof lag.lagMs === 'number' ? measuredText(lag, lag.lagMs) : `absent: ${lag.lagMs.absent}`
    const whole = typeof lag.lagMs === 'number' && lag.lifetimeS === undefined
    const lagMs = typeof lag.lagMs === 'number' && whole ? lag.lagMs : lag.atMostMs
    return {
      variant: lag.variant,
      event: lag.event,
      ...(typeof lagMs === 'number' ? { lagS: lagMs / 1000 } : {}),
      measured: whole,
      words: [measured, lag.formula],
    }
  })

const lagsOf = ({ checks }: Results, event: Event): readonly RevocationLag[] =>
  (checks.revocation ?? []).filter((lag) => lag.event === event)

function measuredText({ lifetimeS }: RevocationLag, lagMs: number): string {
  if (lifetimeS === undefined) return durationText(lagMs)
  return `${durationText(lagMs)} of a ${lifetimeS} s lifetime`
}
