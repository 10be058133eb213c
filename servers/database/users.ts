import type { Identity } from '../contract/identity.ts'
import type { CountedDatabase } from '../contract/strategy.ts'

type Queryable = Pick<CountedDatabase, 'query'>

/** Adds a user.
 *
 * @param passwordHash a PHC string; null for one who cannot sign in by password.
 * @returns undefined when the name is taken.
 */
export async function insertUser(
  database: Queryable,
  user: { readonly username: string; readonly passwordHash: string | null },
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

/**
 * Gives a user another role. Nobody else is told: sessions find it out where they read the user, and copies of the role
 * (tokens, caches, stores beside this database) keep the old one until they end.
 *
 * @returns the user as they are now; undefined where there is none.
 */
export async function changeRole(
  database: Queryable,
  { userId, role }: Pick<Identity, 'userId' | 'role'>,
): Promise<Identity | undefined> {
  const { rows } = await database.query<Identity>({
    text: 'UPDATE users SET role = $2 WHERE user_id = $1 RETURNING user_id AS "userId", username, role',
    values: [userId, role],
  })
  return rows[0]
}

/**
 * Deletes a user. Sessions, tokens that a service answers for, and families of refresh tokens go with the row, by their
 * foreign keys. Signed tokens cannot be denied by this: nobody keeps a list of those that were handed out.
 */
export async function deleteUser(database: Queryable, userId: number): Promise<void> {
  await database.query({ text: 'DELETE FROM users WHERE user_id = $1', values: [userId] })
}
