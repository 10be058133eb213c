import { AuthcostError } from '../../servers/contract/errors.ts'
import { introspectionClientSecret, introspectionUrlSecret } from '../../servers/contract/introspector-protocol.ts'
import { issuerUrlSecret } from '../../servers/contract/issuer-protocol.ts'
import type { Need, ResolvedVariant, Secrets } from '../../servers/contract/strategy.ts'
import { IntrospectorProcess } from '../launch/introspector.ts'
import { IssuerProcess } from '../launch/issuer.ts'
import type { RunRedis } from '../launch/redis.ts'
import type { Absent, ProcessCounters } from '../record/slice.ts'

/** A process beside a server that requests of its variant pass through: Redis, an auth service, an issuer of tokens. */
export interface Companion {
  readonly role: ProcessCounters['role']
  /** By which the server finds it; goes to the server with its other secrets. */
  readonly secrets: Secrets
  /** CPU and queries to Postgres so far. */
  read(): Promise<{ readonly cpuUs: number | Absent; readonly queries: number }>
  /** Brings it into the state that measuring starts from. */
  warm(): Promise<void>
  /** Gives its pool of connections to Postgres this size; absent where it has none. */
  setPoolSize?(poolSize: number): Promise<void>
  /** To be put on the cores of the servers; absent where it is not this server's alone. */
  readonly pid?: number
  onDeath(listener: (error: Error) => void): void
  /** Ends it, where it is this server's alone. */
  stop(): Promise<void>
}

/** What companions are started with. */
export interface CompanionSurroundings {
  readonly databaseUrl: string
  readonly databaseSchema: string
  /** Of the server: what its companions ask of Postgres counts as the variant's. */
  readonly applicationName: string
  readonly poolSize: number
  readonly secrets: Secrets
  readonly nodeFlags: readonly string[]
  /** The run's Redis, or why there is none; absent where no variant needs one. */
  readonly redis?: RunRedis | Absent
}

type Provide = (variant: ResolvedVariant, surroundings: CompanionSurroundings) => Promise<Companion>

/** Needs that a process beside the server meets. What is not here is met otherwise. */
const providers: Partial<Record<Need, Provide>> = {
  redis: provideRedis,
  introspector: startIntrospector,
  issuer: startIssuer,
}

/**
 * Starts what a variant needs beside its server.
 *
 * @throws {AuthcostError} when something cannot be had: the variant is left out with this message.
 */
export async function startCompanions(
  { variant }: { readonly variant: ResolvedVariant },
  surroundings: CompanionSurroundings,
): Promise<Companion[]> {
  const companions: Companion[] = []
  try {
    for (const need of variant.needs) {
      const provide = providers[need]
      if (provide !== undefined) companions.push(await provide(variant, surroundings))
    }
    return companions
  } catch (error) {
    await Promise.all(companions.map((companion) => companion.stop()))
    throw error
  }
}

async function provideRedis(variant: ResolvedVariant, { redis }: CompanionSurroundings): Promise<Companion> {
  if (redis === undefined || 'absent' in redis) {
    throw new AuthcostError('redis.absent', `${variant.label}: ${redis?.absent ?? 'no Redis was started'}`)
  }
  const { handle, keyPrefix } = redis
  return {
    role: 'cache',
    secrets: { redisUrl: handle.url, redisKeyPrefix: keyPrefix },
    read: async () => ({ cpuUs: handle.cpuUs(), queries: 0 }),
    warm: async () => {},
    // The run's: its end is noticed, and brought about, by whoever started it.
    onDeath: () => {},
    stop: async () => {},
  }
}

async function startIntrospector(variant: ResolvedVariant, surroundings: CompanionSurroundings): Promise<Companion> {
  const { databaseUrl, databaseSchema, applicationName, poolSize, secrets, nodeFlags } = surroundings
  const service = await IntrospectorProcess.start({
    name: variant.id,
    nodeFlags,
    configuration: {
      databaseUrl,
      databaseSchema,
      applicationName,
      poolSize,
      clientSecret: secrets[introspectionClientSecret] ?? '',
      host: '127.0.0.1',
      port: 0,
    },
  })
  return {
    role: 'issuer',
    secrets: { [introspectionUrlSecret]: service.url },
    read: () => service.snapshot(),
    warm: () => service.warmPool(),
    setPoolSize: (size) => service.setPoolSize(size),
    pid: service.child.pid,
    onDeath: (listener) => service.child.onUnexpectedExit(listener),
    stop: () => service.child.stop(),
  }
}

async function startIssuer(
  variant: ResolvedVariant,
  { secrets, nodeFlags }: CompanionSurroundings,
): Promise<Companion> {
  const issuer = await IssuerProcess.start({
    name: variant.id,
    nodeFlags,
    parameters: variant.parameters,
    secrets,
  })
  return {
    role: 'issuer',
    secrets: { [issuerUrlSecret]: issuer.url },
    read: async () => ({ cpuUs: await issuer.cpuUs(), queries: 0 }),
    warm: async () => {},
    pid: issuer.child.pid,
    onDeath: (listener) => issuer.child.onUnexpectedExit(listener),
    stop: () => issuer.stop(),
  }
}
