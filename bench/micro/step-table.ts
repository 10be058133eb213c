import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../servers/contract/identity.ts'
import type {
  AuthResult,
  IssueOptions,
  Refusal,
  ResolvedVariant,
  StrategyContext,
} from '../../servers/contract/strategy.ts'
import type { JwtParameters } from '../../servers/strategies/jwt.ts'
import type { SessionStore } from '../../servers/strategies/session/session-store.ts'
import type { PartList } from './part-list.ts'

/** A variant in a process of its own, with the requests of many users. */
export interface StepSurroundings {
  readonly variant: ResolvedVariant
  readonly context: StrategyContext
  readonly requests: readonly FastifyRequest[]
}

/** What a strategy's parts come to. */
export interface StepParts {
  /** Who each request is from, by the parts alone. */
  readonly identities: readonly Identity[]
  /** Makes one credential without writing anything; absent where making one is a matter of the database. */
  readonly issue?: (user: Identity, options: IssueOptions) => Promise<unknown>
  close(): Promise<void>
}

/** Adds the parts of one strategy's authentication step, all of them functions that its `authenticate` calls. */
export type AddParts = (surroundings: StepSurroundings, parts: PartList) => Promise<StepParts>

/**
 * The parts of each strategy's step. A strategy that is not here (a library's hooks, a file of the user's) is timed as a
 * whole. Every entry loads its own implementation, so that a process holds no library but that of its variant.
 */
export const stepTable: Readonly<Record<string, AddParts>> = {
  none: addTrustingParts,
  session: addSessionParts,
  jwt: addJwtParts,
  sealed: addSealedParts,
  introspection: addIntrospectionParts,
}

/**
 * Libraries that come as plugins, and whose work is all done in `authenticate` nevertheless: they are timed as a whole. The
 * others decode or load a session in a hook, before `authenticate` is called, so that calling it would time next to nothing.
 */
export const callableLibraries: ReadonlySet<string> = new Set(['fastify-jwt', 'better-auth'])

const nothingToClose = async (): Promise<void> => {}
const unknownKey: Refusal = { refused: 'invalid' }

async function addTrustingParts({ requests }: StepSurroundings, parts: PartList): Promise<StepParts> {
  const { trustHeader } = await import('../../servers/strategies/none/trust-header.ts')
  const identities = await parts.part('parse', requests, (request) => trustHeader(request.headers['x-authcost-user']))
  return { identities, close: nothingToClose }
}

async function addSessionParts(surroundings: StepSurroundings, parts: PartList): Promise<StepParts> {
  const { sessionLayout, sessionParameters } = await import('../../servers/strategies/session/parameters.ts')
  const parameters = sessionParameters.parse(surroundings.variant.parameters)
  const layout = sessionLayout(parameters)
  const { idCheck, lookUpIn, sessionIdReader } = await import(
    '../../servers/strategies/session/create-session-strategy.ts'
  )
  const over = async <Key>(store: SessionStore<Key>): Promise<StepParts> => {
    const ids = await parts.part('parse', surroundings.requests, sessionIdReader(parameters.idBytes))
    const close = () => store.close()
    if (parameters.cacheTtl !== 'off') {
      const { check } = idCheck(parameters, surroundings.context, store)
      return { identities: await parts.part('look up, cached', ids, check), close }
    }
    const keys = await parts.part('hash', ids, (id) => store.keyOf(id))
    return { identities: await parts.part<Key, Promise<AuthResult>>('look up', keys, lookUpIn(store)), close }
  }
  if (parameters.store === 'redis') {
    const { redisStore } = await import('../../servers/strategies/session/redis-store.ts')
    return over(await redisStore(parameters, layout, surroundings.context))
  }
  const { postgresStore } = await import('../../servers/strategies/session/postgres-store.ts')
  return over(postgresStore(parameters, layout, surroundings.context))
}

async function addJwtParts({ variant, context, requests }: StepSurroundings, parts: PartList): Promise<StepParts> {
  const { parseJwtParameters } = await import('../../servers/strategies/jwt.ts')
  const parameters: JwtParameters = parseJwtParameters(variant.parameters)
  const { openTokenCheck } = await import('../../servers/strategies/jwt/token-check.ts')
  const { transports } = await import('../../servers/strategies/jwt/transport.ts')
  const { claimsReader } = await import('../../servers/strategies/jwt/verify-token.ts')
  const { toIdentity } = await import('../../servers/strategies/jwt/create-jwt-strategy.ts')
  const opened = await openTokenCheck(parameters, context)
  const { authority, cache, check, denylist, gate, rules } = opened
  const tokens = await parts.part('parse', requests, (request) => transports[parameters.transport].readAccess(request))
  const rest = {
    // What a login and a refresh do, but for the family of refresh tokens, which is a matter of the database.
    issue: (user: Identity, { nowMs, lifetimeS }: IssueOptions) =>
      authority.sign([{ user, familyId: '00000000-0000-4000-8000-000000000000' }], nowMs, lifetimeS),
    close: async () => denylist?.close(),
  }
  if (cache !== undefined) {
    const claims = await parts.part('verify, cached', tokens, (token) => check(token))
    return { ...rest, identities: identitiesOf(claims.map(toIdentity)) }
  }
  const verifiers = await parts.part('check header', tokens, (token) => {
    const kid = gate(token)
    return typeof kid === 'string' ? (authority.keys.find(kid) ?? unknownKey) : kid
  })
  const payloads = await parts.part('verify', tokens, (token, place) => verifiers[place]?.(token) ?? unknownKey)
  const read = claimsReader(rules)
  const claims = await parts.part('check claims', payloads, (payload) => read(payload))
  if (denylist !== undefined) await parts.part('look up denylist', claims, ({ familyId }) => denylist.check(familyId))
  return { ...rest, identities: identitiesOf(claims.map(toIdentity)) }
}

async function addSealedParts({ variant, context, requests }: StepSurroundings, parts: PartList): Promise<StepParts> {
  const { sealedParameters } = await import('../../servers/strategies/sealed.ts')
  const { identityOf, readSealedCookie, sealerWith } = await import('../../servers/strategies/sealed/seal-cookie.ts')
  const { key } = sealedParameters.parse(variant.parameters)
  const { open, seal } = await sealerWith(context.secrets.sealingKey, key)
  const values = await parts.part('parse', requests, readSealedCookie)
  const opened = await parts.part('decrypt', values, open)
  return { identities: await parts.part('check claims', opened, identityOf), issue: seal, close: nothingToClose }
}

async function addIntrospectionParts(
  { variant, context, requests }: StepSurroundings,
  parts: PartList,
): Promise<StepParts> {
  const { introspectionParameters } = await import('../../servers/strategies/introspection.ts')
  const { openIntrospectionClient, readToken, tokenCheck } = await import(
    '../../servers/strategies/introspection/create-introspection-strategy.ts'
  )
  const parameters = introspectionParameters.parse(variant.parameters)
  const client = openIntrospectionClient(parameters, context)
  const close = () => client.close()
  const tokens = await parts.part('parse', requests, readToken)
  if (parameters.cacheTtl !== 'off') {
    const { check } = tokenCheck(parameters, context, client)
    return { identities: await parts.part('ask the auth service, cached', tokens, check), close }
  }
  const answers = await parts.part('ask the auth service', tokens, (token) => client.introspect(token))
  return {
    identities: answers.flatMap((answer) => (answer === undefined ? [] : [answer.identity])),
    close,
  }
}

const identitiesOf = (results: readonly AuthResult[]): readonly Identity[] =>
  results.flatMap((result) => ('refused' in result ? [] : [result]))
