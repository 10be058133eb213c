import type { CountedDatabase } from '../contract/strategy.ts'

type Queryable = Pick<CountedDatabase, 'query'>

/**
 * Families of tokens that were ended (one login each), for as long as an access token of theirs may live. By family and
 * not by `jti`: a refresh makes new access tokens beside those that still live, and all of them end with the login.
 */
export const deniedFamiliesTable = `CREATE TABLE denied_families (
    family_id uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
  )`

/** For who reads the whole list, and for who deletes from it. */
export const deniedFamiliesIndex = 'CREATE INDEX ON denied_families (expires_at)'

/**
 * A denial outlives its tokens by this, because two clocks judge: a server's says when a token has expired, the
 * database's when a denial may go.
 */
const clockToleranceS = 60

/** The one query that a request pays for a denylist in Postgres. */
export function isFamilyDenied(database: Queryable, familyId: string): Promise<boolean> {
  return database
    .query<{ readonly denied: number }>({
      name: 'denied-family-look-up',
      text: 'SELECT 1 AS denied FROM denied_families WHERE family_id = $1',
      values: [familyId],
    })
    .then(({ rows }) => rows.length > 0)
}

// Channels belong to a database, not to a schema; and their names have 63 bytes at most.
const channelExpression = `'authcost_denied_' || md5(current_schema())`

/** Denies every token of a family, the last of which ends at `untilS` (epoch seconds), and tells every server that listens. */
export async function denyFamily(database: Queryable, familyId: string, untilS: number): Promise<void> {
  await database.query({
    text: `WITH denied AS (
  INSERT INTO denied_families (family_id, expires_at) VALUES ($1, to_timestamp($2::float8))
  ON CONFLICT (family_id) DO UPDATE SET expires_at = GREATEST(denied_families.expires_at, EXCLUDED.expires_at)
  RETURNING family_id, expires_at
)
SELECT pg_notify(${channelExpression}, family_id || ' ' || extract(epoch FROM expires_at)) FROM denied`,
    values: [familyId, untilS + clockToleranceS],
  })
}

/** The channel on which `denyFamily` tells of a family: its id, a space, until when it is denied (epoch seconds). */
export async function deniedFamiliesChannel(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ readonly channel: string }>({
    text: `SELECT ${channelExpression} AS channel`,
    values: [],
  })
  return rows[0]?.channel ?? ''
}

/** Every family that is denied and of which a token may still live. */
export async function deniedFamilies(
  database: Queryable,
): Promise<readonly { readonly familyId: string; readonly expiresAtS: number }[]> {
  const { rows } = await database.query<{ readonly familyId: string; readonly expiresAtS: number }>({
    text: `SELECT family_id AS "familyId", extract(epoch FROM expires_at)::float8 AS "expiresAtS"
FROM denied_families WHERE expires_at > now()`,
    values: [],
  })
  return rows
}

/** Denials of families whose tokens have all expired; called between restarts, never by a timer while measuring. */
export async function deleteExpiredDenials(database: Queryable): Promise<number> {
  const { rowCount } = await database.query({
    text: 'DELETE FROM denied_families WHERE expires_at <= now()',
    values: [],
  })
  return rowCount
}
