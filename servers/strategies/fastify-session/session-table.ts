import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Identity } from '../../contract/identity.ts'
import type { CountedDatabase } from '../../contract/strategy.ts'
import type { Seeding } from '../../database/seeded-session.ts'
import { alone, derivedIdSql, tableExists } from '../library/seeded-rows.ts'

/** As long as the ids that @fastify/session makes: 24 bytes in base64url. */
export const idLength = 32
export const library = 'fastify-session'

/** The `cookie` part of a stored session, as @fastify/session writes it for a cookie without a lifetime over HTTP. */
const storedCookie = {
  expires: null,
  originalMaxAge: null,
  sameSite: 'lax',
  secure: false,
  path: '/',
  httpOnly: true,
  domain: null,
}

/** What lies in `sess` for a user who signed in. */
export const storedSession = (user: Identity): object => ({
  cookie: storedCookie,
  user: { userId: user.userId, username: user.username, role: user.role },
})

/** Creates the table by the SQL file that connect-pg-simple ships, unless it is there. */
export function ensureSessionTable(database: CountedDatabase): Promise<void> {
  return alone(database, library, async (connection) => {
    if (await tableExists(connection, 'session')) return
    const file = createRequire(import.meta.url).resolve('connect-pg-simple/table.sql')
    await connection.query({ text: await readFile(file, 'utf8'), values: [] })
  })
}

/** Adds one session that ends at `endsMs` (epoch milliseconds). */
export async function insertSession(
  database: CountedDatabase,
  session: { readonly sid: string; readonly user: Identity; readonly endsMs: number },
): Promise<void> {
  await database.query({
    text: 'INSERT INTO session (sid, sess, expire) VALUES ($1, $2, to_timestamp($3))',
    values: [session.sid, JSON.stringify(storedSession(session.user)), session.endsMs / 1000],
  })
}

/** Fills the table with as many sessions as were seeded for the project's own, and brings it to rest. */
export async function fillSessionTable(
  database: CountedDatabase,
  options: { readonly secret: string; readonly seeding: Seeding; readonly endsMs: number },
): Promise<void> {
  const { secret, seeding, endsMs } = options
  const id = derivedIdSql('$1::text', library, 'n', idLength)
  const inserted = await alone(database, library, (connection) =>
    connection.query({
      text: `INSERT INTO session (sid, sess, expire)
SELECT ${id}, json_build_object('cookie', $2::json, 'user', json_build_object('userId', u.user_id, 'username', u.username, 'role', u.role)), to_timestamp($3)
FROM generate_series(1, $4::int8) AS n JOIN users u ON u.user_id = (n - 1) % $5::int8 + 1
ON CONFLICT (sid) DO NOTHING`,
      values: [secret, JSON.stringify(storedCookie), endsMs / 1000, seeding.sessions, seeding.users],
    }),
  )
  // Without it the planner knows nothing of the table, and hint bits are written while measuring.
  if (inserted.rowCount > 0) await database.query({ text: 'VACUUM (ANALYZE, FREEZE) session', values: [] })
}
