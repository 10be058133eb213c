import type { FastifyInstance } from 'fastify'
import { RequestCounters } from '../app/request-counters.ts'
import { buildApp } from '../app.ts'
import type { CounterSnapshot } from '../contract/counters.ts'
import { AuthcostError } from '../contract/errors.ts'
import { refuseOpenHost } from '../contract/open-host.ts'
import type { ServerConfiguration } from '../contract/protocol.ts'
import type { Strategy } from '../contract/strategy.ts'
import type { CountedPool } from '../database/pool.ts'
import { insertUser } from '../database/users.ts'
import { type DisposableUsers, disposableUsers } from './disposable-users.ts'
import { openStrategy } from './open-strategy.ts'
import { countBytes, observeGarbageCollection, takeSnapshot } from './process-counters.ts'

/** How often a waiting snapshot looks whether the last request has been answered, milliseconds. */
const quiescencePollMs = 1

/** One server with everything it owns. */
export interface RunningServer {
  readonly port: number
  readonly strategy: Strategy
  readonly pool: CountedPool | undefined
  readonly users: DisposableUsers
  /** Resolves when no request is in flight, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>
  /** All counters, this moment. `readingCpuUs`: what earlier snapshots took. */
  snapshot(readingCpuUs: number): CounterSnapshot
  /** A user with a stored hash, as registering makes one. A name that is taken keeps its hash. */
  addAccount(user: { readonly username: string; readonly passwordHash: string }): Promise<void>
  stop(): Promise<void>
}

/**
 * Builds a server from its configuration and listens.
 *
 * @throws {AuthcostError} `server.host` for a host that is not loopback where identity is taken on trust or cookies are
 *   insecure; `server.port` when the port cannot be had; what the strategy throws.
 */
export async function startServer(configuration: ServerConfiguration): Promise<RunningServer> {
  const { variant, pool, context, create } = await openStrategy(configuration)
  refuseOpenHost(configuration, variant)

  const garbage = observeGarbageCollection()
  const counters = new RequestCounters()
  const strategy = await create()
  const app = await buildApp({
    variant,
    strategy,
    database: context.database,
    counters,
    insecureCookies: configuration.insecureCookies,
    logRequests: configuration.logRequests,
    lifetimeS: configuration.accessLifetimeS,
    ...(configuration.keepAliveTimeoutMs === undefined ? {} : { keepAliveTimeoutMs: configuration.keepAliveTimeoutMs }),
  })
  const bytes = countBytes(app.server)
  const port = await listen(app, configuration)
  return {
    port,
    strategy,
    pool,
    users: disposableUsers(context.database, strategy),
    async settled(timeoutMs) {
      const deadlineMs = performance.now() + timeoutMs
      while (counters.inFlight > 0 && performance.now() < deadlineMs) {
        await new Promise((resolve) => setTimeout(resolve, quiescencePollMs))
      }
    },
    snapshot: (readingCpuUs) => takeSnapshot({ counters, pool, strategy, garbage, bytes, readingCpuUs }),
    async addAccount({ username, passwordHash }) {
      await insertUser(context.database, { username, passwordHash })
    },
    async stop() {
      await app.close()
      await strategy.close()
      await pool?.close()
    },
  }
}

async function listen(app: FastifyInstance, { host, port }: ServerConfiguration): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw new AuthcostError(
      'server.port',
      `The server cannot listen on ${host}:${port}. Is the port taken? Name another, or 0 for a free one.`,
      {
        cause: error,
      },
    )
  }
  const address = app.server.address()
  if (address === null || typeof address === 'string') {
    throw new AuthcostError('server.port', `The server listens on ${host} but has no port.`)
  }
  return address.port
}
