import type { Results, RevocationLag } from '../record/run.ts'
import { durationText } from './figure-text.ts'
import type { Cell, RevocationView } from './report-data.ts'

/** The measured lag of a logout, beside the promise: `0 ms`, `1.6 s of a 2 s lifetime`. */
export function lagCell(results: Results, variant: string): Cell {
  const found = afterLogout(results).find((lag) => lag.variant === variant)
  if (found === undefined) return { kind: 'absent', reason: 'nothing to revoke, or not measured' }
  if (typeof found.lagMs !== 'number') return { kind: 'absent', reason: `${found.lagMs.absent}; ${found.formula}` }
  return { kind: 'text', text: measuredText(found, found.lagMs) }
}

/** Whether the run measured any lag: older files have none. */
export const hasLags = (results: Results): boolean => afterLogout(results).length > 0

/** For the chart: the measured lag, or what the promise comes to where only a shorter lifetime could be waited for. */
export const revocationViews = (results: Results): readonly RevocationView[] =>
  afterLogout(results).map((lag) => {
    const measured = typeof lag.lagMs === 'number' ? measuredText(lag, lag.lagMs) : `absent: ${lag.lagMs.absent}`
    const whole = typeof lag.lagMs === 'number' && lag.lifetimeS === undefined
    return {
      variant: lag.variant,
      lagS: (typeof lag.lagMs === 'number' && whole ? lag.lagMs : lag.atMostMs) / 1000,
      measured: whole,
      words: [measured, lag.formula],
    }
  })

const afterLogout = ({ checks }: Results): readonly RevocationLag[] =>
  (checks.revocation ?? []).filter(({ event }) => event === 'logout')

function measuredText({ lifetimeS }: RevocationLag, lagMs: number): string {
  if (lifetimeS === undefined) return durationText(lagMs)
  return `${durationText(lagMs)} of a ${lifetimeS} s lifetime`
}
