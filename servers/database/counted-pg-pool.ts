import pg from 'pg'
import type { DurationRecorder } from '../contract/duration-recorder.ts'
import { AuthcostError } from '../contract/errors.ts'
import type { CountedDatabase } from '../contract/strategy.ts'

/** Where queries are counted and timed, nanoseconds. */
export interface QueryMeter {
  queries: number
  readonly poolWait: DurationRecorder
  readonly queryTime: DurationRecorder
  /** Somebody asks for a connection. */
  arrived(): void
}

type Release = (destroy?: Error | boolean) => void

/**
 * A view of a pool for libraries that expect a `pg.Pool` (connect-pg-simple, Kysely's dialect): same connections, same
 * results, every query counted and timed. Both of node-postgres' styles work, promises and callbacks. A view rather
 * than a pool of its own, because the connections counted, opened and sized by the harness must be the ones in use.
 *
 * @param unavailable makes the error for a connection that cannot be had, or broke.
 */
export function countedPgPool(pool: pg.Pool, meter: QueryMeter, unavailable: (cause: unknown) => Error): pg.Pool {
  // One view a client: Kysely keeps what it knows about a connection by the object it was given.
  const views = new WeakMap<pg.PoolClient, pg.PoolClient>()
  const viewOf = (client: pg.PoolClient): pg.PoolClient => {
    const known = views.get(client)
    if (known !== undefined) return known
    let broken = false
    const note = (error: unknown) => {
      broken ||= isBroken(error ?? undefined)
    }
    const view = overlay(client, {
      query: (...args: unknown[]) => countedQuery(client, args, meter, note),
      release: (destroy?: Error | boolean) => client.release(destroy ?? broken),
    })
    views.set(client, view)
    return view
  }
  const take = async (): Promise<pg.PoolClient> => {
    meter.arrived()
    const askedMs = performance.now()
    try {
      return await pool.connect()
    } catch (error) {
      throw unavailable(error)
    } finally {
      meter.poolWait.record((performance.now() - askedMs) * 1e6)
    }
  }
  const connect = (callback?: (error: unknown, client?: pg.PoolClient, release?: Release) => void): unknown => {
    if (callback === undefined) return take().then(viewOf)
    take().then(
      (client) => {
        const view = viewOf(client)
        callback(undefined, view, (destroy) => view.release(destroy))
      },
      (error: unknown) => callback(error),
    )
    return undefined
  }
  const runOnce = async (args: readonly unknown[]): Promise<unknown> => {
    const client = await take()
    let broken = false
    try {
      return await countedQuery(client, args, meter)
    } catch (error) {
      broken = isBroken(error)
      throw isUnavailable(error) ? unavailable(error) : error
    } finally {
      client.release(broken)
    }
  }
  const query = (...args: unknown[]): unknown => {
    const callback = args.at(-1)
    if (!isFunction(callback)) return runOnce(args)
    runOnce(args.slice(0, -1)).then(
      (result) => callback(undefined, result),
      (error: unknown) => callback(error),
    )
    return undefined
  }
  return overlay(pool, { connect, query, end: async () => {} })
}

/**
 * An answer of Postgres' own (a violated constraint) leaves the connection good; anything else does not. Nor does 25006:
 * a server that takes no writes any more has become a standby, and a new connection may find the one that does.
 */
export const isBroken = (error: unknown): boolean =>
  error !== undefined && !(error instanceof pg.DatabaseError && !/^(57P|08|25006)/.test(error.code ?? ''))

/**
 * Postgres did not do it, for a reason that is not in what it was asked: the connection broke, or it refused for the moment
 * (classes of SQLSTATE: 25 and 40 transactions, 53 resources, 55 locks, 57 an operator).
 */
export const isUnavailable = (error: unknown): boolean =>
  isBroken(error) || (error instanceof pg.DatabaseError && /^(25|40|53|55|57)/.test(error.code ?? ''))

/** The counted pool as a `pg.Pool`, for a strategy whose library brings its own SQL. */
export function pgPoolOf(database: CountedDatabase): pg.Pool {
  if (database.asPgPool !== undefined) return database.asPgPool()
  throw new AuthcostError(
    'database.absent',
    'This strategy needs a pool that its library can use. Start the server with a database.',
  )
}

function countedQuery(
  client: pg.PoolClient,
  args: readonly unknown[],
  meter: QueryMeter,
  onError: (error: unknown) => void = () => {},
): unknown {
  meter.queries++
  const sentMs = performance.now()
  const record = () => meter.queryTime.record((performance.now() - sentMs) * 1e6)
  const callback = args.at(-1)
  if (isFunction(callback)) {
    const counted = (...results: unknown[]) => {
      record()
      onError(results[0])
      callback(...results)
    }
    return Reflect.apply(client.query, client, [...args.slice(0, -1), counted])
  }
  const result: unknown = Reflect.apply(client.query, client, args)
  if (result instanceof Promise) {
    result.then(record, (error: unknown) => {
      record()
      onError(error)
    })
  }
  return result
}

/** `target` with some of its methods replaced; everything else runs on the target itself. */
function overlay<T extends object>(target: T, methods: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === 'string' && Object.hasOwn(methods, name)) return methods[name]
      const value: unknown = Reflect.get(target, name, target)
      return isFunction(value) ? value.bind(target) : value
    },
  })
}

const isFunction = (value: unknown): value is (...args: unknown[]) => unknown => typeof value === 'function'
