import type { MicroFigures, StepShare } from '../estimates/micro.ts'
import type { VerifierRanking } from '../estimates/verifier-rankings.ts'
import type { MicroRecord } from '../record/micro.ts'
import type { Bounds } from '../statistics/independent.ts'
import { leastRestarts } from '../statistics/restart-interval.ts'
import { microseconds } from './microseconds.ts'

type WithShare = StepShare & { readonly share: Bounds }
type WithStep = StepShare & { readonly step: Bounds }

/** The answer of a `micro` run in sentences: the steps, their share of the cost over HTTP, whether rankings agree. */
export function headlineOf(
  record: MicroRecord,
  { shares, rankings }: MicroFigures,
  label: (variant: string) => string,
): readonly string[] {
  const steps = shares
    .filter((one): one is WithStep => !('absent' in one.step))
    .sort((a, b) => a.step.value - b.step.value)
  const [cheapest] = steps
  const dearest = steps.at(-1)
  if (cheapest === undefined || dearest === undefined) {
    return [whyNone(record, shares, label)]
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

function whyNone(record: MicroRecord, shares: readonly StepShare[], label: (variant: string) => string): string {
  if (shares.length === 0) {
    const reasons = record.leftOut.map(({ variant, reason }) => `${label(variant)}: ${reason.replace(/\.$/, '')}`)
    return `No step could be timed in process${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}.`
  }
  const made = new Set(record.runs.map(({ restart }) => restart)).size
  return made < leastRestarts
    ? `Nothing can be said of the steps in process: an interval needs ${leastRestarts} restarts, and ${made} ${made === 1 ? 'was' : 'were'} made.`
    : `Nothing can be said of the steps in process: no variant was timed in ${leastRestarts} restarts.`
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

/** `62 %` of a share between 0 and 1. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`.replace('-', '−')
