import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Identity } from '../contract/identity.ts'
import type { CountedDatabase } from '../contract/strategy.ts'

type Queryable = Pick<CountedDatabase, 'query'>

/** A refresh token as handed out; only its hash is kept. All tokens of one login are a family. */
export interface RefreshToken {
  readonly token: string
  readonly familyId: string
  /** End of the family, epoch milliseconds: rotation never moves it. */
  readonly familyEndsMs: number
}

const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()
const newToken = (): string => randomBytes(32).toString('base64url')
const tokenPattern = /^[A-Za-z0-9_-]{43}$/

/** Starts a family at a login. `lifetimeS` is absolute: after it the user signs in again, however often rotated. */
export async function startFamily(
  database: CountedDatabase,
  { userId, nowMs, lifetimeS }: { readonly userId: number; readonly nowMs: number; readonly lifetimeS: number },
): Promise<RefreshToken> {
  const token = newToken()
  const familyId = randomUUID()
  const familyEndsMs = nowMs + lifetimeS * 1000
  await database.query({
    text: `WITH family AS (
  INSERT INTO refresh_families (family_id, user_id, expires_at) VALUES ($1, $2, to_timestamp($3))
  RETURNING family_id, expires_at
)
INSERT INTO refresh_tokens (token_hash, family_id, expires_at) SELECT $4, family_id, expires_at FROM family`,
    values: [familyId, userId, familyEndsMs / 1000, hashToken(token)],
  })
  return { token, familyId, familyEndsMs }
}

// The UPDATE is what makes a token good for one use: of two at once, one finds used_at set. The family's row is locked
// and read again after the lock, so that a rotation that runs beside a revocation cannot bring the family back.
const rotateText = `WITH used AS (
  UPDATE refresh_tokens SET used_at = now()
  WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()
  RETURNING family_id
), family AS (
  SELECT f.family_id, f.user_id, f.expires_at FROM refresh_families f JOIN used ON used.family_id = f.family_id
  WHERE f.revoked_at IS NULL FOR UPDATE OF f
), added AS (
  INSERT INTO refresh_tokens (token_hash, family_id, expires_at) SELECT $2, family_id, expires_at FROM family
  RETURNING family_id
)
SELECT u.user_id AS "userId", u.username, u.role, family.family_id AS "familyId",
  extract(epoch FROM family.expires_at)::float8 * 1000 AS "familyEndsMs"
FROM added JOIN family ON family.family_id = added.family_id JOIN users u ON u.user_id = family.user_id`

/**
 * Exchanges a refresh token for the next one of its family, in one statement. A token that is known but no longer good
 * (used, expired) revokes the whole family: somebody else may have it (RFC 9700 section 4.14.2).
 *
 * Two tabs that refresh with the same token at once: one gets new tokens, the other is refused and its attempt
 * counts as reuse, so the family ends and both sign in again. Nothing tells a second
 * tab from a thief; a client that has tabs takes turns (Web Locks API).
 *
 * @returns the family that ended, for a token that is known but not good any more; `invalid` for one that never was.
 */
export async function rotate(
  database: Queryable,
  token: string,
): Promise<
  { readonly user: Identity; readonly next: RefreshToken } | { readonly revokedFamilyId: string } | 'invalid'
> {
  if (!tokenPattern.test(token)) return 'invalid'
  const next = newToken()
  const { rows } = await database.query<Identity & { readonly familyId: string; readonly familyEndsMs: number }>({
    text: rotateText,
    values: [hashToken(token), hashToken(next)],
  })
  const row = rows[0]
  if (row !== undefined) {
    return {
      user: { userId: row.userId, username: row.username, role: row.role },
      next: { token: next, familyId: row.familyId, familyEndsMs: row.familyEndsMs },
    }
  }
  const known = await database.query<{ familyId: string }>({
    text: 'SELECT family_id AS "familyId" FROM refresh_tokens WHERE token_hash = $1',
    values: [hashToken(token)],
  })
  const familyId = known.rows[0]?.familyId
  if (familyId === undefined) return 'invalid'
  await revokeFamily(database, familyId)
  return { revokedFamilyId: familyId }
}

/**
 * Takes a rotation back whose new token never left the server, so that the old one is good again: its owner would come
 * with it once more, and be taken for a thief.
 */
export async function undoRotation(database: Queryable, token: string, next: RefreshToken): Promise<void> {
  await database.query({
    text: `WITH unused AS (
  DELETE FROM refresh_tokens WHERE token_hash = $2 AND used_at IS NULL RETURNING family_id
)
UPDATE refresh_tokens t SET used_at = NULL FROM unused WHERE t.token_hash = $1 AND t.family_id = unused.family_id`,
    values: [hashToken(token), hashToken(next.token)],
  })
}

/** Ends a family: none of its refresh tokens is good any more. Unknown families are none of ours: nothing happens. */
export async function revokeFamily(database: Queryable, familyId: string): Promise<void> {
  await database.query({
    text: 'UPDATE refresh_families SET revoked_at = now() WHERE family_id = $1 AND revoked_at IS NULL',
    values: [familyId],
  })
}

/** Families past their absolute end, with their tokens; called between restarts, never by a timer while measuring. */
export async function deleteExpiredFamilies(database: Queryable): Promise<number> {
  const { rowCount } = await database.query({
    text: 'DELETE FROM refresh_families WHERE expires_at <= now()',
    values: [],
  })
  return rowCount
}
