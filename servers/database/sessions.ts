import { hash } from 'node:crypto'
import type { Identity } from '../contract/identity.ts'
import type { CountedDatabase } from '../contract/strategy.ts'

type Queryable = Pick<CountedDatabase, 'query'>

/** What lies in the table instead of the id: whoever reads the table cannot sign in with it. */
export const hashSessionId = (id: string): Buffer => hash('sha256', id, 'buffer')

const lookUpText = `SELECT u.user_id AS "userId", u.username, u.role
FROM session_auth s JOIN users u ON u.user_id = s.user_id
WHERE s.id_hash = $1 AND s.expires_at > now()`

/** The one query a session request costs: prepared, joined, the expiry checked by the database's own clock. */
export function lookUpSession(database: Queryable, idHash: Buffer): Promise<Identity | undefined> {
  return database
    .query<Identity>({ name: 'session-look-up', text: lookUpText, values: [idHash] })
    .then((result) => result.rows[0])
}

/** Stores a session that began at `nowMs` (epoch milliseconds) and lives `lifetimeS` seconds. */
export async function insertSession(
  database: Queryable,
  session: { readonly idHash: Buffer; readonly userId: number; readonly nowMs: number; readonly lifetimeS: number },
): Promise<void> {
  await database.query({
    name: 'session-insert',
    text: `INSERT INTO session_auth (id_hash, user_id, created_at, last_seen_at, expires_at)
VALUES ($1, $2, to_timestamp($3), to_timestamp($3), to_timestamp($4))`,
    values: [session.idHash, session.userId, session.nowMs / 1000, session.nowMs / 1000 + session.lifetimeS],
  })
}

/** Ends a session: the next request that carries it is refused. */
export async function deleteSession(database: Queryable, idHash: Buffer): Promise<void> {
  await database.query({
    name: 'session-delete',
    text: 'DELETE FROM session_auth WHERE id_hash = $1',
    values: [idHash],
  })
}

/** Rows that no request can use any more; called between slices, never by a timer while measuring. */
export async function deleteExpiredSessions(database: Queryable): Promise<number> {
  const { rowCount } = await database.query({ text: 'DELETE FROM session_auth WHERE expires_at <= now()', values: [] })
  return rowCount
}
