import { createHash } from 'node:crypto'
import type { CountedDatabase } from '../../contract/strategy.ts'
import { readSeeding } from '../../database/seed.ts'
import { type Seeding, seededSessionNumber } from '../../database/seeded-session.ts'

/**
 * Ids of the sessions a library's table is filled with: they derive from the run's secret, the library's name and the
 * number, so that SQL fills the table and JavaScript makes the credentials without reading it back.
 *
 * @param length of the id in characters, at most 43.
 */
export const derivedId = (secret: string, library: string, number: number, length: number): string =>
  createHash('sha256').update(`${secret}:${library}:${number}`).digest('base64url').slice(0, length)

/** SQL for the same id. Two SQL expressions go in, the secret and the number. */
export const derivedIdSql = (secretSql: string, library: string, numberSql: string, length: number): string =>
  `left(translate(rtrim(encode(sha256(convert_to(${secretSql} || ':${library}:' || ${numberSql}, 'UTF8')), 'base64'), '='), '+/', '-_'), ${length})`

/** How many rows to fill a library's table with: as many as the project's own strategies have, else one a user. */
export async function rowsToSeed(database: CountedDatabase, users: number): Promise<Seeding> {
  const seeding = await readSeeding(database)
  return seeding === undefined || seeding.sessions === 0 ? { users, sessions: users } : seeding
}

/** The session of a user that is sent, by the rule of the project's own sessions; the first where there is none. */
export const sentSession = (userId: number, seeding: Seeding): number => seededSessionNumber(userId, seeding) ?? userId

/**
 * Runs `work` in a transaction that no other server of the run shares: servers of one library start together and must
 * not create the same tables at once.
 */
export function alone<T>(
  database: CountedDatabase,
  library: string,
  work: (connection: Pick<CountedDatabase, 'query'>) => Promise<T>,
): Promise<T> {
  return database.transaction(async (connection) => {
    await connection.query({ text: 'SELECT pg_advisory_xact_lock(hashtext($1))', values: [`authcost ${library}`] })
    return work(connection)
  })
}

/**
 * Whether a table is there, in the connection's own schema. Read from the catalogue: `to_regclass` may answer from a
 * cache that nobody has told yet of a table which another server has just made.
 */
export async function tableExists(connection: Pick<CountedDatabase, 'query'>, table: string): Promise<boolean> {
  const { rows } = await connection.query<{ there: boolean }>({
    text: `SELECT EXISTS (
  SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = current_schema() AND c.relname = $1
) AS there`,
    values: [table],
  })
  return rows[0]?.there ?? false
}
