import { deployedId, deploymentLabel } from '../../plan/deployment.ts'
import type { Results } from '../../record/run.ts'
import type { Slice } from '../../record/slice.ts'
import { createRandom, type Random } from '../../statistics/random.ts'
import { type FixtureVariant, fixtureVariants } from '../plan.fixture.ts'
import { drawnHistogram, exampleResults } from '../slice.fixture.ts'

export interface SweepOptions {
  readonly seed?: number
  readonly restarts?: number
  readonly rounds?: number
  readonly pools?: readonly number[]
  readonly connections?: readonly number[]
  /** Distances from the database, microseconds. */
  readonly delaysUs?: readonly number[]
  /** Rows of the table of sessions; absent: not varied. */
  readonly sessions?: readonly number[]
  /** Numbers of app instances; absent: not varied. */
  readonly instances?: readonly number[]
  /** Database CPU of a request times this, by the rows of its table. */
  readonly databaseCpu?: (sessions: number) => number
  /** Relative noise of a slice, SD. */
  readonly noise?: number
  /** Variants that verify a token, by id. */
  readonly tokens?: readonly string[]
  /** Instead of what the queueing model says. */
  readonly throughput?: (place: SweepPlace) => number
}

export interface SweepPlace {
  readonly poolSize: number
  readonly connections: number
  readonly delayUs: number
  readonly sessions?: number | undefined
  readonly instances?: number | undefined
}

/** Time of the server's one thread and of a query on loopback, microseconds. */
const appUs = 47
const queryUs = 110

/** One app thread, `poolSize` connections to the database and `connections` clients in a closed loop, softened at the corners. */
export function modelled({ poolSize, connections, delayUs }: SweepPlace): number {
  const bounds = [connections / (appUs + queryUs + delayUs + 60), 1 / appUs, poolSize / (queryUs + delayUs)]
  return 1e6 * bounds.reduce((sum, bound) => sum + bound ** -6, 0) ** (-1 / 6)
}

/** Results of a `tune pool` run whose truth is known: sessions in every pool and at every distance, and tokens. */
export function exampleSweep(options: SweepOptions = {}): Results {
  const pools = options.pools ?? [1, 2, 5, 10, 20]
  const delaysUs = options.delaysUs ?? [0, 2000]
  const base = fixtureVariants.find(({ id }) => id === 'session')
  if (base === undefined) throw new Error('the fixture has a session')
  const sizes = options.sessions?.map((sessions) => ({ sessions })) ?? [{}]
  const counts = options.instances?.map((instances) => ({ instances })) ?? [{}]
  const deployments = delaysUs.flatMap((dbDelayUs) =>
    sizes.flatMap((size) =>
      counts.flatMap((count) => pools.map((poolSize) => ({ dbDelayUs, ...size, ...count, poolSize }))),
    ),
  )
  const deployed = new Map(deployments.map((deployment) => [deployedId('session', deployment), deployment]))
  const tokens = options.tokens ?? ['jwt:alg=HS256', 'jwt:alg=ES256']
  const variants: FixtureVariant[] = [
    ...fixtureVariants.filter(({ id, role }) => role !== 'candidate' || tokens.includes(id)),
    ...[...deployed].map(([id, deployment]) => ({
      ...base,
      id,
      label: `${base.label}, ${deploymentLabel(deployment)}`,
    })),
  ]
  const loads = (options.connections ?? [1, 2, 8, 24, 64]).map((connections) => ({
    mode: 'saturation' as const,
    connections,
  }))
  const seed = options.seed ?? 1
  const plain = exampleResults({
    seed,
    restarts: options.restarts ?? 5,
    rounds: options.rounds ?? 3,
    variants,
    loads,
    estimated: false,
    replaced: (id) => deployed.has(id),
    doubtfulShare: 0,
  })
  const random = createRandom(seed, 'sweep')
  return {
    ...plain,
    run: { ...plain.run, command: 'tune', commandLine: 'authcost tune pool' },
    environment: {
      ...plain.environment,
      postgres: {
        ...plain.environment.postgres,
        settings: { max_connections: '120', superuser_reserved_connections: '3', reserved_connections: '0' },
      },
    },
    plan: {
      ...plain.plan,
      purpose: 'tune-pool',
      variants: plain.plan.variants.map((variant) => {
        const deployment = deployed.get(variant.id)
        return deployment === undefined ? variant : { ...variant, deployment }
      }),
    },
    slices: plain.slices.map((slice) => {
      const deployment = deployed.get(slice.variant)
      return deployment === undefined ? slice : swept(slice, deployment, random, options)
    }),
  }
}

interface SweptDeployment {
  readonly poolSize: number
  readonly dbDelayUs: number
  readonly sessions?: number
  readonly instances?: number
}

function swept(
  slice: Slice,
  { poolSize, dbDelayUs, sessions, instances }: SweptDeployment,
  random: Random,
  { throughput = modelled, databaseCpu = () => 1, noise = 0.006 }: SweepOptions,
): Slice {
  const connections = slice.load.connections
  const place = { poolSize, connections, delayUs: dbDelayUs, sessions, instances }
  const rate = throughput(place) * Math.exp(noise * random.normal())
  const requests = Math.max(1000, Math.round(rate * 0.25))
  const durationMs = (1000 * requests) / rate
  const latencyUs = (1e6 * connections) / rate
  const waitUs = Math.max(2, latencyUs - appUs - queryUs - dbDelayUs - 60)
  // As found in the pool of one instance.
  const meanWaiting = (rate * waitUs) / 1e6 / (instances ?? 1)
  const perRequest = requests / slice.requests
  const databaseShare = perRequest * databaseCpu(sessions ?? 0)
  return {
    ...slice,
    durationMs,
    requests,
    latency: drawnHistogram(10, latencyUs, 0.2, requests, random),
    app: {
      ...slice.app,
      requests,
      queries: requests,
      elapsedMs: durationMs,
      cpuUs: slice.app.cpuUs * perRequest,
      pool: { meanWaiting, maxWaiting: Math.ceil(meanWaiting * 1.2), meanBusy: Math.min(poolSize, connections) },
      steps: {
        poolWait: { ...drawnHistogram(6, waitUs, 0.05, requests, random), meanNs: waitUs * 1000 },
        query: drawnHistogram(6, queryUs + dbDelayUs, 0.1, requests, random),
      },
    },
    database:
      'absent' in slice.database ? slice.database : { ...slice.database, cpuUs: slice.database.cpuUs * databaseShare },
  }
}
