import type { Identity } from '../contract/identity.ts'
import type { SessionLayout } from '../contract/session-layout.ts'
import type { CountedDatabase } from '../contract/strategy.ts'
import { idColumn } from './session-table.ts'

type Queryable = Pick<CountedDatabase, 'query'>

/** A session that is good, with its user as they are now. */
export interface SessionRow extends Identity {
  /** Where it was asked for: how long the session may still live, milliseconds. */
  readonly expiresInMs?: number
  /** Where it was asked for: last seen longer ago than the interval between two touches. */
  readonly due?: boolean
}

/** All statements on one session table. Every check of time is made by the database's own clock. */
export interface SessionStatements {
  /** One query: session and user joined, expiry checked, and with `touch: 'always'` the time of use written. */
  lookUp(database: Queryable, storedId: Buffer): Promise<SessionRow | undefined>
  /** Writes the time of use where it is due; of several requests at once, one writes. Answers whether this one did. */
  touch(database: Queryable, storedId: Buffer): Promise<boolean>
  /** Stores a session that began at `nowMs` (epoch milliseconds) and lives `lifetimeS` seconds at most. */
  insert(
    database: Queryable,
    session: { readonly storedId: Buffer; readonly userId: number; readonly nowMs: number; readonly lifetimeS: number },
  ): Promise<void>
  /** Ends a session: the next request that carries it is refused. */
  delete(database: Queryable, storedId: Buffer): Promise<void>
  /** Rows that no request can use any more; called between restarts, never by a timer while measuring. */
  deleteExpired(database: Queryable): Promise<number>
}

export interface SessionStatementOptions {
  readonly layout: Pick<SessionLayout, 'name' | 'hash'>
  /** Named statements are parsed and planned once per connection, unnamed ones on every query. */
  readonly prepared: boolean
  readonly touch: 'never' | 'always' | { readonly everyS: number }
  /** A session not used for so long is refused. Judged only where uses are written. */
  readonly idleTimeoutS: number
  /** Whether a look-up also tells how long the session may live: for a cache. */
  readonly withExpiry: boolean
}

/** The statements of one variant. Numbers of its own stand in the text: they are checked integers and never change. */
export function sessionStatements(options: SessionStatementOptions): SessionStatements {
  const { layout, touch } = options
  const id = idColumn(layout)
  const idle = `now() - interval '${Math.trunc(options.idleTimeoutS)} seconds'`
  const good = `s.${id} = $1 AND s.expires_at > now()${touch === 'never' ? '' : ` AND s.last_seen_at > ${idle}`}`
  const everyS = typeof touch === 'object' ? Math.trunc(touch.everyS) : 0
  const due = `s.last_seen_at <= now() - interval '${everyS} seconds'`
  const columns = [
    'u.user_id AS "userId", u.username, u.role',
    ...(options.withExpiry ? ['(extract(epoch FROM s.expires_at - now()) * 1000)::float8 AS "expiresInMs"'] : []),
    ...(typeof touch === 'object' ? [`${due} AS due`] : []),
  ].join(', ')
  const lookUpText =
    touch === 'always'
      ? `UPDATE ${layout.name} s SET last_seen_at = now() FROM users u
WHERE ${good} AND u.user_id = s.user_id
RETURNING ${columns}`
      : `SELECT ${columns}
FROM ${layout.name} s JOIN users u ON u.user_id = s.user_id
WHERE ${good}`
  const touchText = `UPDATE ${layout.name} s SET last_seen_at = now() WHERE ${good} AND ${due}`
  const named = (name: string): { readonly name?: string } => (options.prepared ? { name } : {})
  const lookUpName = named('session-look-up')
  const touchName = named('session-touch')
  return {
    lookUp: (database, storedId) =>
      database
        .query<SessionRow>({ ...lookUpName, text: lookUpText, values: [storedId] })
        .then((result) => result.rows[0]),
    touch: (database, storedId) =>
      database.query({ ...touchName, text: touchText, values: [storedId] }).then(({ rowCount }) => rowCount > 0),
    async insert(database, session) {
      await database.query({
        ...named('session-insert'),
        text: `INSERT INTO ${layout.name} (${id}, user_id, created_at, last_seen_at, expires_at)
VALUES ($1, $2, to_timestamp($3), to_timestamp($3), to_timestamp($4))`,
        values: [session.storedId, session.userId, session.nowMs / 1000, session.nowMs / 1000 + session.lifetimeS],
      })
    },
    async delete(database, storedId) {
      await database.query({
        ...named('session-delete'),
        text: `DELETE FROM ${layout.name} WHERE ${id} = $1`,
        values: [storedId],
      })
    },
    async deleteExpired(database) {
      const ended = touch === 'never' ? '' : ` OR last_seen_at <= ${idle}`
      const text = `DELETE FROM ${layout.name} WHERE expires_at <= now()${ended}`
      return (await database.query({ text, values: [] })).rowCount
    },
  }
}
