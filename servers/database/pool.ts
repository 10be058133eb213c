import pg from 'pg'
import { connectionConfig } from '../contract/connection-config.ts'
import type { CounterSnapshot } from '../contract/counters.ts'
import { DurationRecorder } from '../contract/duration-recorder.ts'
import { AuthcostError } from '../contract/errors.ts'
import type { CountedDatabase, Statement, Strategy } from '../contract/strategy.ts'
import { countedPgPool, isBroken, isUnavailable } from './counted-pg-pool.ts'
import { failureReason } from './failure-reason.ts'
import { checkedSchemaName } from './schema.ts'

/** Postgres decides about a generic plan at the sixth execution of a prepared statement; a few more for the caches. */
const prewarmRuns = 10

type Connection = Pick<CountedDatabase, 'query'>
type Rows<Row> = { readonly rows: Row[]; readonly rowCount: number }

export interface PoolOptions {
  readonly databaseUrl: string
  readonly databaseSchema: string
  readonly applicationName: string
  readonly poolSize: number
}

/** The pool every strategy gets: counts queries, and times waiting for a connection and the query apart. Opens lazily. */
export class CountedPool implements CountedDatabase {
  queries = 0
  readonly poolWait = new DurationRecorder()
  readonly queryTime = new DurationRecorder()
  readonly #pool: pg.Pool
  readonly #seen = { arrivals: 0, waitingSeen: 0, busySeen: 0, mostWaiting: 0 }
  #size: number

  constructor(options: PoolOptions) {
    this.#size = options.poolSize
    this.#pool = new pg.Pool({
      ...connectionConfig(options.databaseUrl, {
        applicationName: options.applicationName,
        searchPath: checkedSchemaName(options.databaseSchema),
      }),
      max: options.poolSize,
      // Connections that come and go would be measured as part of some requests.
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    })
    // An idle connection that breaks is dropped by the pool; whoever needs one next gets the error.
    this.#pool.on('error', () => {})
    // One that breaks while it is taken tells its query, and says it once more here: unheard, that would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => {}))
  }

  query<Row>(statement: Statement): Promise<Rows<Row>> {
    return new Promise((resolve, reject) => {
      this.arrived()
      const askedMs = performance.now()
      this.#pool.connect((connectError, client, release) => {
        if (connectError !== undefined || client === undefined) {
          reject(unavailable(connectError))
          return
        }
        this.poolWait.record((performance.now() - askedMs) * 1e6)
        this.#run<Row>(client, statement, (error, rows) => {
          release(isBroken(error))
          if (rows === undefined) reject(isUnavailable(error) ? unavailable(error) : error)
          else resolve(rows)
        })
      })
    })
  }

  async transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    this.arrived()
    const askedMs = performance.now()
    const client = await this.#pool.connect().catch((error: unknown) => Promise.reject(unavailable(error)))
    this.poolWait.record((performance.now() - askedMs) * 1e6)
    const connection = this.#counted(client)
    let broken = false
    try {
      await connection.query({ text: 'BEGIN', values: [] })
      const result = await work(connection)
      await connection.query({ text: 'COMMIT', values: [] })
      return result
    } catch (error) {
      broken = error instanceof AuthcostError && isBroken(error.cause)
      await connection.query({ text: 'ROLLBACK', values: [] }).catch(() => {
        broken = true
      })
      throw error
    } finally {
      client.release(broken)
    }
  }

  /**
   * Opens every connection at once, so that none is opened while measuring, and prepares the strategy's statements on
   * each. These queries are not counted.
   *
   * @throws {AuthcostError} `database.unavailable` when a connection is refused.
   */
  async warm(strategy: Pick<Strategy, 'prewarm'>): Promise<void> {
    const attempts = await Promise.allSettled(Array.from({ length: this.#size }, () => this.#pool.connect()))
    const clients = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
    try {
      const failed = attempts.find((attempt) => attempt.status === 'rejected')
      if (failed !== undefined) throw unavailable(failed.reason)
      await Promise.all(
        clients.map(async (client) => {
          const connection = uncounted(client)
          for (let run = 0; run < prewarmRuns; run++) await strategy.prewarm?.(connection)
        }),
      )
    } finally {
      for (const client of clients) client.release()
    }
  }

  /** Changes the size while the server lives; surplus connections are closed. `warm` opens the missing ones. */
  async setPoolSize(size: number): Promise<void> {
    this.#size = size
    this.#pool.options.max = size
    while (this.#pool.totalCount > size && this.#pool.idleCount > 0) {
      const client = await this.#pool.connect()
      client.release(true)
    }
  }

  /** Notes what somebody who asks for a connection finds; in a closed loop that is without the one who asks. */
  arrived(): void {
    const { waitingCount, totalCount, idleCount } = this.#pool
    const seen = this.#seen
    seen.arrivals++
    seen.waitingSeen += waitingCount
    seen.busySeen += totalCount - idleCount
    if (waitingCount > seen.mostWaiting) seen.mostWaiting = waitingCount
  }

  /** Undefined while no connection was ever opened. Reading it begins a new `mostWaiting`. */
  state(): CounterSnapshot['pool'] {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.#pool
    if (total === 0 && waiting === 0 && this.queries === 0) return undefined
    const state = { total, idle, waiting, ...this.#seen }
    this.#seen.mostWaiting = 0
    return state
  }

  asPgPool(): pg.Pool {
    return countedPgPool(this.#pool, this, unavailable)
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  #counted(client: pg.PoolClient): Connection {
    return {
      query: <Row>(statement: Statement) =>
        new Promise<Rows<Row>>((resolve, reject) => {
          this.#run<Row>(client, statement, (error, rows) => {
            if (rows === undefined) reject(isUnavailable(error) ? unavailable(error) : error)
            else resolve(rows)
          })
        }),
    }
  }

  #run<Row>(client: pg.PoolClient, statement: Statement, done: (error: unknown, rows?: Rows<Row>) => void): void {
    this.queries++
    const sentMs = performance.now()
    // A copy: node-postgres writes its callback into the object it is given.
    const { text, values } = statement
    const config = statement.name === undefined ? { text, values } : { name: statement.name, text, values }
    client.query(config, (error: Error | null, result: pg.QueryResult) => {
      this.queryTime.record((performance.now() - sentMs) * 1e6)
      if (error) {
        done(error)
        return
      }
      const rows: Row[] = result.rows
      done(undefined, { rows, rowCount: result.rowCount ?? 0 })
    })
  }
}

/** For servers without a database: every query refuses with a message. */
export const absentDatabase = (): CountedDatabase => {
  const refuse = (): Promise<never> =>
    Promise.reject(new AuthcostError('database.absent', 'This server was started without a database. Give it one.'))
  const asPgPool = () => {
    throw new AuthcostError('database.absent', 'This server was started without a database. Give it one.')
  }
  return { query: refuse, transaction: refuse, asPgPool }
}

function uncounted(client: pg.PoolClient): Connection {
  return {
    async query<Row>(statement: Statement) {
      const result = await client.query({ ...statement })
      const rows: Row[] = result.rows
      return { rows, rowCount: result.rowCount ?? 0 }
    },
  }
}

function unavailable(cause: unknown): AuthcostError {
  return new AuthcostError(
    'database.unavailable',
    `The database did not answer: ${failureReason(cause)}. Check that it runs and takes this many connections.`,
    { cause },
  )
}
