import { usageError } from '../../servers/contract/errors.ts'
import type { ResolvedVariant } from '../../servers/contract/strategy.ts'
import { parseVariant, strategies } from '../../servers/strategies/table.ts'
import type { Axes } from './vary.ts'

/** On requests, that is: refresh tokens lie in Postgres too. A strategy that says nothing asks where it keeps sessions. */
export const asksPostgres = ({ needs, traits }: ResolvedVariant): boolean =>
  needs.includes('postgres') && (traits.asksDatabase ?? traits.form === 'opaque')

/** Whether there is a table of sessions whose size may matter to it: those in Redis lie in none. */
export const readsSessionTable = (variant: ResolvedVariant): boolean =>
  asksPostgres(variant) && variant.traits.form === 'opaque' && !variant.needs.includes('redis')

/** Axes that mean nothing to some variants. The others, loads and threads, mean something to all. */
const conditional: readonly {
  readonly name: string
  readonly field: 'poolSizes' | 'dbDelaysUs' | 'sessions' | 'instances'
  applies(variant: ResolvedVariant): boolean
  readonly otherwise: string
}[] = [
  { name: 'pool', field: 'poolSizes', applies: asksPostgres, otherwise: 'asks Postgres nothing on a request' },
  { name: 'dbDelay', field: 'dbDelaysUs', applies: asksPostgres, otherwise: 'asks Postgres nothing on a request' },
  { name: 'instances', field: 'instances', applies: asksPostgres, otherwise: 'asks Postgres nothing on a request' },
  { name: 'sessions', field: 'sessions', applies: readsSessionTable, otherwise: 'looks no session up in a table' },
]

/** One of each strategy, and the token that asks: enough to show who an axis is for. */
const examples = (): readonly ResolvedVariant[] =>
  [...strategies.map(({ name }) => name), 'jwt:denylist=postgres'].map(parseVariant)

/**
 * What is varied has to matter to somebody: otherwise the run would measure the same again and not say so.
 *
 * @throws {AuthcostError} a usage error that names the axis and variants that would use it.
 */
export function requireAxesInUse(variants: readonly ResolvedVariant[], axes: Axes): void {
  for (const { name, field, applies, otherwise } of conditional) {
    if (axes[field].length === 0 || variants.some(applies)) continue
    const ids = variants.map(({ id }) => id).join(', ')
    const users = examples().filter(applies)
    throw usageError(
      'usage.vary',
      `${name} is varied, and none of these variants would notice: ${ids} (each ${otherwise}). Leave it out, or add a variant that uses it, such as ${users.map(({ id }) => id).join(', ')}.`,
    )
  }
}
