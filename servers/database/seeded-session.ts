import { createHash } from 'node:crypto'

/** What was seeded, as kept in the database beside it. */
export interface Seeding {
  readonly users: number
  readonly sessions: number
}

/**
 * The id of seeded session `number` (1-based): base64url(SHA-256(secret ':' number)). `seededIdHashSql` computes the
 * hash that lies in the table from the same two things.
 *
 * @param secret the run's, as text.
 */
export const seededSessionId = (secret: string, number: number): string =>
  createHash('sha256').update(`${secret}:${number}`).digest('base64url')

/** SQL for `session_auth.id_hash` of session `n`: SHA-256 of the id as it is sent. Two SQL expressions go in. */
export const seededIdHashSql = (secretSql: string, numberSql: string): string => {
  const digest = `sha256(convert_to(${secretSql} || ':' || ${numberSql}, 'UTF8'))`
  return `sha256(convert_to(translate(rtrim(encode(${digest}, 'base64'), '='), '+/', '-_'), 'UTF8'))`
}

/**
 * Which of a user's sessions is the one that is sent: session n belongs to user ((n - 1) mod users) + 1, and of the
 * rows of user u the one number u + users * (u mod floor(sessions / users)) is taken, so that what is read lies all
 * over the table and not in its first pages.
 *
 * @returns undefined where the user has no session.
 */
export function seededSessionNumber(userId: number, { users, sessions }: Seeding): number | undefined {
  const perUser = Math.floor(sessions / users)
  if (userId < 1 || userId > users) return undefined
  if (perUser === 0) return userId <= sessions ? userId : undefined
  return userId + users * (userId % perUser)
}
