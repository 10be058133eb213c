import type { BoundedOrAbsent } from '../../record/bounded.ts'
import { type Load, loadKey } from '../../record/slice.ts'
import type { TokenCell, TokenNeeds, TokenRecommendation, TokenTuning } from '../../record/token-tuning.ts'

type Answers = Omit<TokenTuning, 'sentences'>

/** The answers of `tune token` in words, most important first. */
export function tokenSentences(tuning: Answers, labels: ReadonlyMap<string, string>): string[] {
  const label = (variant: string): string => labels.get(variant) ?? variant
  return [
    ...needsSentence(tuning),
    ...tuning.recommendations.map((one) => recommendation(one, tuning.cells, label)),
    ...dependsOnLoad(tuning.recommendations, label),
    ...signingSentence(tuning.cells),
    ...tuning.notMeasurable,
  ]
}

function needsSentence({ needs, cells }: Answers): string[] {
  const asked = needsInWords(needs)
  if (asked === '') return []
  const met = cells.filter(({ misses }) => misses.length === 0).length
  return [`Asked for: ${asked}. ${met} of the ${cells.length} variants of the grid can be chosen.`]
}

/** `asymmetric, at most 400 bytes`; empty where nothing was asked for. */
export const needsInWords = ({ asymmetric, postQuantum, maxBytes }: TokenNeeds): string =>
  [
    ...(asymmetric ? ['asymmetric'] : []),
    ...(postQuantum ? ['post-quantum'] : []),
    ...(maxBytes === undefined ? [] : [`at most ${maxBytes} bytes`]),
  ].join(', ')

function recommendation(
  { load, answer, second }: TokenRecommendation,
  cells: readonly TokenCell[],
  label: (variant: string) => string,
): string {
  const where = inWords(load)
  if (answer.state === 'none') return `${where}, nothing can be recommended: ${answer.reason}.`
  const cell = cells.find(({ variant }) => variant === answer.variant)
  const cost = cell?.costs.find((one) => loadKey(one.load) === loadKey(load))?.appCpuUs
  const bytes = typeof cell?.credentialBytes === 'number' ? `, ${cell.credentialBytes.toFixed(0)} bytes` : ''
  const costs = `${amount(cost)} of app CPU per request over the control${bytes}`
  const chosen = label(answer.variant)
  const choice =
    answer.state === 'settled'
      ? `${where}, ${chosen} is shown to be the cheapest: ${costs}`
      : answer.state === 'only-one'
        ? `${where}, ${chosen} is the only one that can be chosen: ${costs}`
        : `${where}, the cheapest is not settled: ${unsettled(answer.variants, { load, cells, label, chosen, costs })}. More restarts would tell`
  if (second === undefined) return `${choice}.`
  const { extraUs, shown } = second
  const extra =
    'absent' in extraUs
      ? `could not be compared (${extraUs.absent})`
      : shown === 'dearer'
        ? `costs ${amount(extraUs)} more`
        : `shows no difference: ${amount(extraUs)}`
  return `${choice}. The second choice, ${label(second.variant)}, ${extra}.`
}

/** Who may be the cheapest, and which of those whose cost is known was picked. */
function unsettled(
  variants: readonly string[],
  {
    load,
    cells,
    label,
    chosen,
    costs,
  }: {
    readonly load: Load
    readonly cells: readonly TokenCell[]
    readonly label: (variant: string) => string
    readonly chosen: string
    readonly costs: string
  },
): string {
  const known = variants.filter((id) => {
    const own = cells.find(({ variant }) => variant === id)?.costs.find((one) => loadKey(one.load) === loadKey(load))
    return own !== undefined && !('absent' in own.appCpuUs)
  })
  const unknown = variants.filter((id) => !known.includes(id))
  const unknowns = unknown.length === 0 ? '' : `the cost of ${list(unknown.map(label))} is not known`
  if (known.length < 2) return `${unknowns}; of the others only ${chosen} can be it (${costs})`
  const apart = `${list(known.map(label))} cannot be told apart`
  return `${apart}${unknowns === '' ? '' : `, and ${unknowns}`}; of ${unknowns === '' ? 'these' : 'those whose cost is known'}, ${chosen} ${sizeReason(known, cells)} (${costs})`
}

/** Why it was picked among those that cannot be told apart. */
function sizeReason(variants: readonly string[], cells: readonly TokenCell[]): string {
  const sizes = variants.flatMap((id) => {
    const bytes = cells.find(({ variant }) => variant === id)?.credentialBytes
    return typeof bytes === 'number' ? [Math.round(bytes)] : []
  })
  const smallest = sizes.filter((bytes) => bytes === Math.min(...sizes)).length
  if (smallest === sizes.length) return 'has the lowest cost so far, with tokens of one size'
  return smallest === 1 ? 'has the smallest token' : 'has the lowest cost so far of those with the smallest token'
}

function dependsOnLoad(recommendations: readonly TokenRecommendation[], label: (id: string) => string): string[] {
  const settled = recommendations.flatMap(({ load, answer }) =>
    answer.state === 'settled' ? [{ load, variant: answer.variant }] : [],
  )
  if (new Set(settled.map(({ variant }) => variant)).size < 2) return []
  const each = settled.map(({ load, variant }) => `${label(variant)} ${inWords(load).toLowerCase()}`)
  return [`The answer depends on the load: ${each.join(', ')}.`]
}

/** Tokens of one algorithm are signed alike, whatever verifies them: the first of each stands for it. */
function signingSentence(cells: readonly TokenCell[]): string[] {
  const seen = new Set<string>()
  const parts = cells.flatMap(({ algorithm, modulus, claimsBytes, signingCpuUs }) => {
    const name = `${algorithm}${modulus === undefined || modulus === 2048 ? '' : ` (${modulus} bit)`}`
    if (seen.has(name) || claimsBytes > 0 || 'absent' in signingCpuUs) return []
    seen.add(name)
    return [`${name} ${amount(signingCpuUs)}`]
  })
  if (parts.length === 0) return []
  return [`Signing a token costs, in CPU of the server, by jose whatever verifies it: ${parts.join(', ')}.`]
}

/** `51.2 us (±1.1)`, with one more digit than the uncertainty has. */
export function amount(figure: BoundedOrAbsent | undefined): string {
  if (figure === undefined || 'absent' in figure) return 'an unknown amount'
  const half = (figure.high - figure.low) / 2
  const decimals = half >= 10 ? 0 : half >= 1 ? 1 : 2
  const text = (value: number): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return `${text(figure.value).replace('-', '−')} us (±${text(half)})`
}

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join('; ')} and ${names.at(-1) ?? ''}`

const inWords = (load: Load): string =>
  load.mode === 'fixed-rate'
    ? `At ${load.requestsPerSecond.toLocaleString('en-US')} requests/s`
    : load.mode === 'saturation'
      ? 'At saturation'
      : 'Unloaded'
