import { AuthcostError } from '../../servers/contract/errors.ts'
import type { ResolvedVariant } from '../../servers/contract/strategy.ts'
import { containerEngine } from '../environment/container-engine.ts'
import type { RunLock } from '../environment/lock-file.ts'
import type { Absent } from '../record/slice.ts'
import { Child } from './child.ts'
import type { RedisHandle } from './redis-handle.ts'
import { findRedisProgram, startRedisProgram } from './redis-program.ts'
import { routeOfUrl } from './redis-route.ts'

export interface RedisOptions {
  /** `redis://...`, where the user named one. */
  readonly url?: string | undefined
  /** Image of a container, where the user named one: then no program is looked for. */
  readonly image?: string | undefined
  /** With which all keys of the run begin: those are removed from a Redis of the user's own at the end. */
  readonly keyPrefix: string
  readonly runId: string
  readonly lock: RunLock
  /** Cores of a container. */
  readonly cpus?: string
  /** One line for people: what could not be given back at the end. */
  log(line: string): void
  readonly signal: AbortSignal
}

/**
 * Finds or starts a Redis or Valkey: the one named, else a container of the image named, else a program on the PATH,
 * else a container of a usual image.
 *
 * @returns absent, with what to do, where none can be had: variants that need one are left out then.
 */
export async function startRedis(options: RedisOptions): Promise<RedisHandle | Absent> {
  if (options.url !== undefined) return external(options.url, options)
  const program = options.image === undefined ? findRedisProgram() : undefined
  const failures: string[] = []
  if (program !== undefined) {
    try {
      return await startRedisProgram(program, options.lock, options.signal)
    } catch (error) {
      failures.push(reasonOf(error, options.signal))
    }
  }
  const engine = await containerEngine()
  if (engine !== undefined) {
    // Loaded only when needed: the container library is large.
    const { startRedisContainer } = await import('./redis-container.ts')
    try {
      return await startRedisContainer(options, engine)
    } catch (error) {
      failures.push(reasonOf(error, options.signal))
    }
  }
  const tried = [
    ...(program === undefined && options.image === undefined
      ? ['neither redis-server nor valkey-server is on the PATH']
      : []),
    ...(engine === undefined ? ['no Docker engine answers'] : []),
    ...failures,
  ]
  return {
    absent: `no Redis or Valkey could be had: ${tried.join('; ')}. Install one of them, start Docker, or name one with --redis redis://...`,
  }
}

/** A look at every key of a Redis that holds tens of millions. */
const clearTimeoutMs = 60_000

/** One Redis serves all variants of a run: slices are measured one at a time. */
export interface RunRedis {
  readonly handle: RedisHandle
  readonly keyPrefix: string
}

/** Redis for a run, where one of its variants needs it; undefined where none does. */
export async function redisFor(
  variant: Pick<ResolvedVariant, 'needs'> | readonly Pick<ResolvedVariant, 'needs'>[],
  options: Omit<RedisOptions, 'keyPrefix'>,
): Promise<RunRedis | Absent | undefined> {
  if (![variant].flat().some(({ needs }) => needs.includes('redis'))) return undefined
  const keyPrefix = `authcost:${options.runId}:`
  const handle = await startRedis({ ...options, keyPrefix })
  return 'absent' in handle ? handle : { handle, keyPrefix }
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted()
  if (error instanceof AuthcostError) return error.message.split('\n').slice(0, 3).join(' ').replace(/\.$/, '')
  throw error
}

const external = (url: string, options: RedisOptions): RedisHandle => ({
  kind: 'external',
  url,
  route: routeOfUrl(url),
  pid: undefined,
  cpuUs: () => ({ absent: 'the CPU of a Redis that was not started here cannot be read' }),
  onExit: () => undefined,
  [Symbol.asyncDispose]: () => clear(url, options),
})

/** What cannot be removed now ends by itself within a day: that makes no run a failed one. */
async function clear(url: string, { keyPrefix, log }: RedisOptions): Promise<void> {
  try {
    await using child = await Child.start({ name: 'clearing of Redis', entry: 'servers/clear-redis.ts' })
    await child.request({ url, keyPrefix }, clearTimeoutMs)
  } catch (error) {
    // The last line is the reason, where the process wrote one.
    const why = error instanceof Error ? (error.message.split('\n').at(-1) ?? '').trim() : String(error)
    log(`The keys ${keyPrefix}* could not be removed from Redis and end by themselves within a day (${why})`)
  }
}
