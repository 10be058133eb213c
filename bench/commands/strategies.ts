import { Command } from 'commander'
import { strategies } from '../../servers/strategies/table.ts'
import { revocationText } from '../report/figure-text.ts'
import type { CommandContext } from './command-context.ts'

/** `strategies`: what there is, with parameters, defaults and promises, from the table. */
export const strategiesCommand = (context: CommandContext): Command =>
  new Command('strategies').summary('list the strategies with their parameters and promises').action(() => {
    for (const strategy of strategies) {
      const { traits } = strategy.parse({})
      context.print(`${strategy.name}\n  ${strategy.summary}\n  Revocation: ${revocationText(traits.revocation)}\n`)
      for (const parameter of strategy.parameterHelp) {
        context.print(`    ${parameter.name}=${parameter.default}  ${parameter.description}\n`)
      }
      context.print('\n')
    }
  })
