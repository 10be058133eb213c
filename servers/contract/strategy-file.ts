import { z } from 'zod'
import { defineStrategy } from './define-strategy.ts'
import type { AnyStrategy } from './strategy.ts'

/**
 * What a strategy file of the user's is written with. The package offers this module as `authcost/strategy`; a file that
 * lies where that cannot be imported exports a function instead, and is handed the same things.
 */
export { z } from 'zod'
export { defineStrategy } from './define-strategy.ts'
export { AuthcostError } from './errors.ts'
export type { Identity } from './identity.ts'
export type {
  AnyStrategy,
  AuthResult,
  CountedDatabase,
  CredentialTraits,
  IssuedCredentials,
  IssueOptions,
  Need,
  Refusal,
  Revocation,
  Secrets,
  Strategy,
  StrategyContext,
  StrategyDefinition,
  VariantWarning,
} from './strategy.ts'
export { isRefusal } from './strategy.ts'

/** What the function that a strategy file exports is handed. */
export interface StrategyKit {
  readonly defineStrategy: typeof defineStrategy
  /** zod, for the parameters. */
  readonly z: typeof z
}

/** The default export of a strategy file, where it is a function. */
export type StrategyFile = (kit: StrategyKit) => AnyStrategy

export const strategyKit: StrategyKit = { defineStrategy, z }
