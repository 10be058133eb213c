import { createHash } from 'node:crypto'
import type { SessionLayout } from '../contract/session-layout.ts'
import { storedId } from './stored-id.ts'

/** What was seeded, as kept in the database beside it. */
export interface Seeding {
  readonly users: number
  readonly sessions: number
}

type IdForm = Pick<SessionLayout, 'hash' | 'idBytes'>

/** Ids of up to 32 bytes are cut from a SHA-256, longer ones from a SHA-512. */
const digestName = (idBytes: number): 'sha256' | 'sha512' => (idBytes <= 32 ? 'sha256' : 'sha512')

/**
 * The id of seeded session `number` (1-based): base64url of the first `idBytes` of a digest of (secret ':' number).
 * `seededStoredIdSql` computes what lies in the table from the same things.
 *
 * @param secret the run's, as text.
 */
export const seededSessionId = (secret: string, number: number, idBytes = 32): string =>
  createHash(digestName(idBytes)).update(`${secret}:${number}`).digest().subarray(0, idBytes).toString('base64url')

/** What lies at rest of seeded session `number`. */
export const seededStoredId = (secret: string, number: number, form: IdForm): Buffer =>
  storedId(seededSessionId(secret, number, form.idBytes), form)

/** SQL for the id column of session `n`. Two SQL expressions go in. */
export const seededStoredIdSql = (secretSql: string, numberSql: string, { hash, idBytes }: IdForm): string => {
  const digest = `${digestName(idBytes)}(convert_to(${secretSql} || ':' || ${numberSql}, 'UTF8'))`
  // Postgres breaks base64 into lines; what has no counterpart in the second list is dropped.
  const id = `translate(encode(substring(${digest} for ${idBytes}), 'base64'), E'+/=\\n', '-_')`
  const bytes = `convert_to(${id}, 'UTF8')`
  return hash === 'plain' ? bytes : `sha256(${bytes})`
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
