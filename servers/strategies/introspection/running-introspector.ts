import { AuthcostError } from '../../contract/errors.ts'
import type { IntrospectorConfiguration } from '../../contract/introspector-protocol.ts'
import type { CountedPool } from '../../database/pool.ts'
import { buildAuthService } from './auth-service.ts'
import { findToken } from './token-statements.ts'

/** An auth service that listens, with its pool. */
export interface RunningIntrospector {
  readonly port: number
  /** Opens every connection of the pool and prepares its statement on each. */
  warm(): Promise<void>
  /** Closes surplus connections; `warm` opens the missing ones. */
  setPoolSize(size: number): Promise<void>
  counters(): { readonly queries: number; readonly introspections: number }
  stop(): Promise<void>
}

/** @throws {AuthcostError} `introspector.port` when it cannot listen. */
export async function startIntrospector(
  { host, port, clientSecret }: Pick<IntrospectorConfiguration, 'host' | 'port' | 'clientSecret'>,
  pool: CountedPool,
): Promise<RunningIntrospector> {
  const { app, introspections } = await buildAuthService({ database: pool, clientSecret })
  try {
    await app.listen({ host, port })
  } catch (cause) {
    throw new AuthcostError('introspector.port', `The auth service cannot listen on ${host}:${port}.`, { cause })
  }
  const address = app.server.address()
  if (address === null || typeof address === 'string') {
    throw new AuthcostError('introspector.port', `The auth service listens on ${host} but has no port.`)
  }
  return {
    port: address.port,
    warm: () => pool.warm({ prewarm: async (connection) => void (await findToken(connection, Buffer.alloc(32))) }),
    setPoolSize: (size) => pool.setPoolSize(size),
    counters: () => ({ queries: pool.queries, introspections: introspections() }),
    async stop() {
      await app.close()
      await pool.close()
    },
  }
}
