import { Command } from 'commander'
import { promiseOf } from '../../servers/contract/revocation.ts'
import type { AnyStrategy, CredentialTraits } from '../../servers/contract/strategy.ts'
import { strategies } from '../../servers/strategies/table.ts'
import { variantSets } from '../plan/variant-sets.ts'
import { revocationText } from '../report/figure-text.ts'
import type { CommandContext } from './command-context.ts'

/** `strategies`: what there is, with parameters, defaults and promises, from the table. */
export const strategiesCommand = (context: CommandContext): Command =>
  new Command('strategies')
    .summary('list the strategies with their parameters and promises')
    .description(
      'Lists the strategies with their parameters, defaults, and how soon each refuses a revoked credential.',
    )
    .option('--json', 'as JSON, for programs', false)
    .action(({ json }: { readonly json: boolean }) => {
      context.print(json ? `${JSON.stringify(strategiesAsData(), undefined, 2)}\n` : strategiesAsText())
    })

/** Everything that `strategies` says, as plain data. Promises and warnings are those of the default parameters. */
export const strategiesAsData = () => ({
  strategies: strategies.map((strategy) => {
    const { id, label, needs, traits, warnings } = strategy.parse({})
    const { name, summary, parameterHelp } = strategy
    return { name, summary, parameters: parameterHelp, defaultVariant: { id, label, needs, traits, warnings } }
  }),
  sets: variantSets,
})

function strategiesAsText(): string {
  const sets = variantSets.map(
    ({ name, summary, variants }) => `  --set ${name}: ${summary}\n    ${variants.join('\n    ')}`,
  )
  return `${strategies.map(strategyAsText).join('\n')}\nNamed sets\n${sets.join('\n')}\n`
}

function strategyAsText(strategy: AnyStrategy): string {
  const { needs, traits, warnings } = strategy.parse({})
  return [
    strategy.name,
    `  ${strategy.summary}`,
    `  Revocation: ${promisesText(traits)}`,
    ...(needs.length === 0 ? [] : [`  Needs: ${needs.join(', ')}`]),
    ...warnings.map(({ message }) => `  Note: ${message}`),
    ...strategy.parameterHelp.flatMap(({ name, allowed, default: value, description }) => [
      `    ${name}=${value}  (${allowed})`,
      `      ${description}`,
    ]),
    '',
  ].join('\n')
}

/** `next request`, and what is promised otherwise of a user's own changes. */
function promisesText(traits: CredentialTraits): string {
  const afterLogout = revocationText(traits.revocation)
  const others = [
    { after: 'a change of role', text: revocationText(promiseOf(traits, 'role-change')) },
    { after: 'deletion of the user', text: revocationText(promiseOf(traits, 'user-deletion')) },
  ].filter(({ text }) => text !== afterLogout)
  return [afterLogout, ...others.map(({ after, text }) => `after ${after}: ${text}`)].join('; ')
}
