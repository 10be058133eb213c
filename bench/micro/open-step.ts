import type { FastifyRequest } from 'fastify'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { seededIdentity } from '../../servers/contract/identity.ts'
import { type AuthResult, isRefusal } from '../../servers/contract/strategy.ts'
import { issueHeadersTo } from '../../servers/process/issue-headers.ts'
import { openStrategy } from '../../servers/process/open-strategy.ts'
import { RequestSource } from './captured-requests.ts'
import { type Call, callOver, PartList } from './part-list.ts'
import type { ToStepProcess } from './protocol.ts'
import { callableLibraries, stepTable } from './step-table.ts'
import { TimedTask } from './timed-run.ts'

/** What is asked for beside the strategy's own configuration. */
export type StepRequest = Pick<Extract<ToStepProcess, { type: 'configure' }>, 'configuration' | 'walk' | 'inFlight'>

/** A variant's authentication step, ready to be timed as a whole and in its parts. */
export interface OpenStep {
  readonly tasks: readonly TimedTask[]
  close(): Promise<void>
}

/**
 * Opens a strategy as a server does, with its pool, gives it real requests of many users, and checks that whole and
 * parts answer each with its user.
 *
 * @throws {AuthcostError} `micro.plugin` for a library whose step lies in hooks of the framework; `micro.refused` and
 *   `micro.identity` where an answer is not the user's; what the strategy throws.
 */
export async function openStep({ configuration, walk, inFlight }: StepRequest): Promise<OpenStep> {
  const opened = await openStrategy(configuration)
  const { context, pool, variant } = opened
  const strategy = await opened.create()
  if (strategy.plugin !== undefined && !callableLibraries.has(variant.strategy)) {
    throw new AuthcostError(
      'micro.plugin',
      `${variant.label}: its step runs in hooks that the library adds to the framework, and cannot be called without it.`,
    )
  }
  if (strategy.prewarm !== undefined) await pool?.warm(strategy)
  const source = await RequestSource.open(strategy.plugin)
  const users = walk.map(seededIdentity)
  const times = { nowMs: Date.now(), lifetimeS: configuration.accessLifetimeS }
  const requests = await requestsOf(walk, source, (distinct) =>
    issueHeadersTo(strategy, distinct.map(seededIdentity), { ...times, fresh: false }),
  )
  const authenticate = (request: FastifyRequest) => strategy.authenticate(request)
  const whole = new PartList()
  const answers = await whole.part<FastifyRequest, AuthResult | Promise<AuthResult>>('step', requests, authenticate)
  const parts = new PartList()
  const stepParts = await stepTable[variant.strategy]?.({ variant, context, requests }, parts)
  for (const [index, user] of users.entries()) {
    const found = [answers[index], ...(stepParts === undefined ? [] : [stepParts.identities[index]])]
    if (found.some((one) => one === undefined || isRefusal(one) || one.userId !== user.userId)) {
      throw new AuthcostError('micro.identity', `${variant.label}: user ${user.userId} was not recognised in process.`)
    }
  }
  const issue = stepParts?.issue
  const calls: Call[] = [
    ...parts.calls,
    ...whole.calls.map((call) => ({ ...call, kind: 'step' as const })),
    ...(issue === undefined
      ? []
      : [{ name: 'issue', kind: 'issue' as const, async: true, call: callOver(users, (user) => issue(user, times)) }]),
    ...(variant.traits.form === 'none' ? emptyCalls(users) : []),
  ]
  return {
    tasks: calls.flatMap((call) => [
      new TimedTask(call, 1, walk.length),
      ...(call.async && inFlight > 1 ? [new TimedTask(call, inFlight, walk.length)] : []),
    ]),
    async close() {
      await stepParts?.close()
      await source.close()
      await strategy.close()
      await pool?.close()
    },
  }
}

/** What calling and waiting take by themselves: how small a part can be told from nothing. */
const emptyCalls = (users: readonly unknown[]): readonly Call[] => [
  { name: 'empty', kind: 'empty', async: false, call: callOver(users, (user) => user) },
  { name: 'empty promise', kind: 'empty', async: true, call: callOver(users, async (user) => user) },
]

/** One request for each user, at all of its places in the walk. */
async function requestsOf(
  walk: readonly number[],
  source: RequestSource,
  headersOf: (distinct: readonly number[]) => Promise<Record<string, string>[]>,
): Promise<readonly FastifyRequest[]> {
  const distinct = [...new Set(walk)]
  const captured = await source.capture(await headersOf(distinct))
  const byUser = new Map(distinct.map((user, index) => [user, captured[index]]))
  return walk.flatMap((user) => byUser.get(user) ?? [])
}
