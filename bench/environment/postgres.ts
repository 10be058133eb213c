import { AuthcostError, usageError } from '../../servers/contract/errors.ts'
import { containerEngine } from './container-engine.ts'
import { startEmbedded } from './embedded.ts'
import { useExternal } from './external.ts'
import { RunLock } from './lock-file.ts'
import type { PostgresHandle, PostgresRequest } from './postgres-handle.ts'

export interface PostgresOptions extends Omit<PostgresRequest, 'lock'> {
  /** `auto`, `container`, `embedded`, or an address `postgres://...`. */
  readonly choice: string
  /** The run's lock file; without one, it keeps its own until it is disposed of. */
  readonly lock?: RunLock
}

/**
 * Starts or finds the Postgres to measure with. `auto`: a container when a Docker engine answers and has or gets the
 * image, else the embedded one, saying so.
 *
 * @throws {AuthcostError} `usage.postgres`, `usage.postgres-url` (exit code 2), `postgres.*`, `docker.unreachable`.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresHandle> {
  const external = /^postgres(ql)?:/i.test(options.choice)
  if (!external && !['auto', 'container', 'embedded'].includes(options.choice)) {
    throw usageError(
      'usage.postgres',
      // Not repeated: a mistyped address may hold a password.
      '--postgres takes auto, container, embedded or an address that begins with postgres://.',
    )
  }
  const ownLock = options.lock === undefined ? new RunLock(`${options.runId}-postgres`) : undefined
  const request: PostgresRequest = { ...options, lock: options.lock ?? ownLock ?? new RunLock(options.runId) }
  try {
    const handle = await (external ? useExternal(request, options.choice) : startOwn(request, options.choice))
    if (ownLock === undefined) return handle
    return closingAfter(handle, ownLock)
  } catch (error) {
    ownLock?.close()
    throw error
  }
}

async function startOwn(request: PostgresRequest, choice: string): Promise<PostgresHandle> {
  if (choice === 'embedded') return startEmbedded(request)
  const engine = await containerEngine()
  request.signal.throwIfAborted()
  if (engine === undefined) {
    if (choice === 'auto') {
      request.log('No Docker engine answers: using the embedded Postgres.')
      return startEmbedded(request)
    }
    throw new AuthcostError(
      'docker.unreachable',
      'No Docker engine answers within 3 s. Start Docker, or use --postgres embedded.',
    )
  }
  // Loaded only when needed: the container library is large.
  const { startContainer } = await import('./container.ts')
  try {
    return await startContainer(request, engine)
  } catch (error) {
    request.signal.throwIfAborted()
    if (choice !== 'auto' || !(error instanceof AuthcostError)) throw error
    request.log(`${error.message.split('\n')[0]} Using the embedded Postgres instead.`)
    return startEmbedded(request)
  }
}

/** The same handle, which also closes the lock at its end. Getters stay live: a restart may change the address. */
function closingAfter(handle: PostgresHandle, lock: RunLock): PostgresHandle {
  return Object.create(handle, {
    [Symbol.asyncDispose]: {
      value: async () => {
        await handle[Symbol.asyncDispose]()
        lock.close()
      },
    },
  })
}
