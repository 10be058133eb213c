import type { Identity } from '../contract/identity.ts'
import type { CountedDatabase } from '../contract/strategy.ts'

type Queryable = Pick<CountedDatabase, 'query'>

/** Adds a user.
 *
 * @param passwordHash a PHC string.
 * @returns undefined when the name is taken.
 */
export async function insertUser(
  database: Queryable,
  user: { readonly username: string; readonly passwordHash: string },
): Promise<Identity | undefined> {
  const { rows } = await database.query<Identity>({
    text: `INSERT INTO users (username, role, password_hash) VALUES ($1, 'member', $2)
ON CONFLICT (username) DO NOTHING
RETURNING user_id AS "userId", username, role`,
    values: [user.username, user.passwordHash],
  })
  return rows[0]
}

/** A user by name, with the stored hash (`null`: a seeded user, who cannot sign in). */
export async function findUser(
  database: Queryable,
  username: string,
): Promise<{ readonly identity: Identity; readonly passwordHash: string | null } | undefined> {
  const { rows } = await database.query<Identity & { readonly passwordHash: string | null }>({
    text: `SELECT user_id AS "userId", username, role, password_hash AS "passwordHash" FROM users WHERE username = $1`,
    values: [username],
  })
  const row = rows[0]
  if (row === undefined) return undefined
  return {
    identity: { userId: row.userId, username: row.username, role: row.role },
    passwordHash: row.passwordHash,
  }
}
