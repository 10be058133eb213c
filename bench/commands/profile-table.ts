import { makePlan } from '../plan/plan.ts'
import { predictSeconds } from '../plan/predict.ts'
import { type Profile, profiles } from '../plan/profile.ts'

/** The table of profiles for `--help`: what each measures and how long it will take here, by prediction. */
export function profileTable(): string {
  const rows = profiles.map((profile) => {
    const plan = makePlan({ profile: profile.name, seed: 0 })
    const modes = [
      `${profile.rounds} rounds at saturation`,
      `${profile.fixedRate.rounds * profile.fixedRate.rates.length} at ${ratesOf(profile)}`,
      ...(profile.unloaded.rounds === 0 ? [] : [`${profile.unloaded.rounds} unloaded`]),
    ]
    return [
      `  ${profile.name.padEnd(9)} ${profile.summary}`,
      `            none, twin, ${profile.variants.join(', ')}`,
      `            ${profile.restarts} restarts x (${modes.join(' + ')}), about ${Math.round(predictSeconds(plan))} s${limit(profile)}`,
    ].join('\n')
  })
  return `Profiles:\n${rows.join('\n')}`
}

const inAList = new Intl.ListFormat('en')

/** `fixed rate`, or which shares of what the slowest variant can do. */
function ratesOf({ fixedRate }: Profile): string {
  const shares = fixedRate.rates.flatMap((rate) =>
    typeof rate === 'object' && 'share' in rate ? [String(Math.round(100 * rate.share))] : [],
  )
  return shares.length === 0 ? 'fixed rate' : `${inAList.format(shares)} % of the slowest variant's capacity`
}

const limit = ({ timeLimit }: Profile): string =>
  timeLimit === undefined
    ? ''
    : `;\n            on a slow machine as many as fit into ${timeLimit.ms / 1000} s, at least ${timeLimit.leastRestarts}`
