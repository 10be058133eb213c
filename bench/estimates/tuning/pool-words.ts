import { deploymentLabel, instancesText, sessionsText } from '../../plan/deployment.ts'
import { checkedId, type PlanRecord } from '../../record/run.ts'
import type { Bounded, PoolAnswer, TuningFigure } from '../../record/tuning.ts'

/** Where a figure of the sweep was measured, as the record has it. */
interface Place {
  readonly dbDelayUs: number
  readonly addedDelayUs?: number | undefined
  readonly sessions?: number | undefined
  readonly appInstances?: number | undefined
}

/**
 * `no distance added`, `database 2.08 ms away`: as obtained, with what was asked for where that reads otherwise; then
 * how large the table is and how many app instances there are, where these are varied.
 */
export function placeText({ dbDelayUs, addedDelayUs = dbDelayUs, ...further }: Place): string {
  const [asked, added] = [millisecondsText(dbDelayUs), millisecondsText(addedDelayUs)]
  const distance =
    dbDelayUs === 0 ? 'no distance added' : `database ${added} away${added === asked ? '' : ` (asked for ${asked})`}`
  return [distance, ...furtherTexts(further)].join(', ')
}

/** `10,000 sessions`, `2 app instances`: what is said of a place besides its distance, where it is varied. */
export const furtherTexts = ({ sessions, appInstances }: Pick<Place, 'sessions' | 'appInstances'>): string[] => [
  ...(sessions === undefined ? [] : [sessionsText(sessions)]),
  ...(appInstances === undefined ? [] : [instancesText(appInstances)]),
]

/** `0.5 ms` */
export const millisecondsText = (us: number): string => `${Number((us / 1000).toPrecision(3))} ms`

export const connectionsText = (connections: number): string =>
  `${connections} ${connections === 1 ? 'connection' : 'connections'}`

/** The label of a strategy without what is said of its deployment. */
export function strategyLabel({ variants }: Pick<PlanRecord, 'variants'>, strategy: string): string {
  const variant = variants.find((one) => checkedId(one) === strategy)
  if (variant?.deployment === undefined) return variant?.label ?? strategy
  const suffix = `, ${deploymentLabel(variant.deployment)}`
  return variant.label.endsWith(suffix) ? variant.label.slice(0, -suffix.length) : variant.label
}

export function answerText(answer: PoolAnswer): string {
  switch (answer.state) {
    case 'settled':
      return `pool ${answer.poolSize}`
    case 'unsettled': {
      const [low, high] = answer.between
      return low === high ? `unsettled (pool ${low})` : `unsettled between ${low} and ${high}`
    }
    case 'not-measurable':
      return `not measurable: ${answer.reason}`
  }
}

/** `0.93 [0.91, 0.95]` */
export const ratioText = ({ value, low, high }: Bounded): string =>
  low === high ? value.toFixed(2) : `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`

/** `9,120 [8,990, 9,250]` */
export const rateText = ({ value, low, high }: Bounded): string => {
  const whole = (number: number): string => Math.round(number).toLocaleString('en-US')
  return `${whole(value)} [${whole(low)}, ${whole(high)}]`
}

export const isBounded = (figure: TuningFigure): figure is Bounded => !('absent' in figure)

/** `a`, `a and b`, `a, b and c` */
export const listText = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`
