import type { BetterAuthOptions } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import type { Identity } from '../../contract/identity.ts'
import type { CountedDatabase } from '../../contract/strategy.ts'
import type { Seeding } from '../../database/seeded-session.ts'
import { alone, derivedIdSql, tableExists } from '../library/seeded-rows.ts'

export const library = 'better-auth'
/** Characters of the library's random tokens. */
export const tokenLength = 32

/** Names of their own, because other libraries of the same run call their tables `session` too. */
export const tableNames = {
  user: 'better_auth_user',
  session: 'better_auth_session',
  account: 'better_auth_account',
  verification: 'better_auth_verification',
} as const

/** The id of a user in the library's table, which is text there. */
export const authUserId = (userId: number): string => `user-${userId}`

/** The address a user gets, because the library wants one of everybody (RFC 2606 reserves the domain). */
const emailSql = (idSql: string): string => `'user-' || ${idSql} || '@authcost.invalid'`

export const authEmail = (userId: number): string => `user-${userId}@authcost.invalid`

/** Creates the tables as the library's own migration would, unless they are there. */
export async function ensureAuthTables(database: CountedDatabase, options: BetterAuthOptions): Promise<void> {
  if (await tableExists(database, tableNames.session)) return
  const { compileMigrations } = await getMigrations(options)
  const sql = await compileMigrations()
  await alone(database, library, async (connection) => {
    // Another server of the run may have been quicker.
    if (!(await tableExists(connection, tableNames.session))) await connection.query({ text: sql, values: [] })
  })
}

/** Makes sure that the library knows a user of the application; sign-in and passwords stay with the application. */
export async function ensureAuthUser(database: CountedDatabase, user: Identity): Promise<void> {
  await database.query({
    text: `INSERT INTO ${tableNames.user} (id, name, email, "emailVerified", "createdAt", "updatedAt", "userId", role)
VALUES ($1, $2, ${emailSql('$3::text')}, false, now(), now(), $3::int4, $4) ON CONFLICT (id) DO NOTHING`,
    values: [authUserId(user.userId), user.username, user.userId, user.role],
  })
}

/** Gives the library's own user the name and role that the application's has now. */
export async function changeAuthUser(database: CountedDatabase, user: Identity): Promise<void> {
  await database.query({
    text: `UPDATE ${tableNames.user} SET name = $2, role = $3, "updatedAt" = now() WHERE id = $1`,
    values: [authUserId(user.userId), user.username, user.role],
  })
}

/** Deletes the library's own user; its sessions go with them, by the foreign key of the library's migration. */
export async function deleteAuthUser(database: CountedDatabase, userId: number): Promise<void> {
  await database.query({ text: `DELETE FROM ${tableNames.user} WHERE id = $1`, values: [authUserId(userId)] })
}

/** Adds one session, from `nowMs` to `endsMs` (epoch milliseconds). */
export async function insertAuthSession(
  database: CountedDatabase,
  session: { readonly token: string; readonly user: Identity; readonly nowMs: number; readonly endsMs: number },
): Promise<void> {
  await database.query({
    text: `INSERT INTO ${tableNames.session} (id, token, "userId", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent")
VALUES ($1, $1, $2, to_timestamp($3), to_timestamp($4), to_timestamp($4), '', '')`,
    values: [session.token, authUserId(session.user.userId), session.endsMs / 1000, session.nowMs / 1000],
  })
}

/** Fills users and sessions as they were seeded for the project's own tables, and brings them to rest. */
export async function fillAuthTables(
  database: CountedDatabase,
  options: { readonly secret: string; readonly seeding: Seeding; readonly endsMs: number },
): Promise<void> {
  const { secret, seeding, endsMs } = options
  const token = derivedIdSql('$1::text', library, 'n', tokenLength)
  const inserted = await alone(database, library, async (connection) => {
    await connection.query({
      text: `INSERT INTO ${tableNames.user} (id, name, email, "emailVerified", "createdAt", "updatedAt", "userId", role)
SELECT 'user-' || user_id, username, ${emailSql('user_id')}, false, now(), now(), user_id, role
FROM users WHERE user_id <= $1 ON CONFLICT (id) DO NOTHING`,
      values: [seeding.users],
    })
    return connection.query({
      text: `INSERT INTO ${tableNames.session} (id, token, "userId", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent")
SELECT ${token}, ${token}, 'user-' || ((n - 1) % $2::int8 + 1), to_timestamp($3), now(), now(), '', ''
FROM generate_series(1, $4::int8) AS n ON CONFLICT DO NOTHING`,
      values: [secret, seeding.users, endsMs / 1000, seeding.sessions],
    })
  })
  if (inserted.rowCount > 0) {
    await database.query({ text: `VACUUM (ANALYZE, FREEZE) ${tableNames.user}, ${tableNames.session}`, values: [] })
  }
}
