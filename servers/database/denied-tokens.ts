import type { CountedDatabase } from '../contract/strategy.ts'

type Queryable = Pick<CountedDatabase, 'query'>

/** Tokens that were revoked before their expiry, by `jti`. */
export const deniedTokensTable = `CREATE TABLE denied_tokens (
    token_id uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
  )`

/** The one query that a request pays for a denylist in Postgres. */
export function isTokenDenied(database: Queryable, tokenId: string): Promise<boolean> {
  return database
    .query<{ readonly denied: number }>({
      name: 'denied-token-look-up',
      text: 'SELECT 1 AS denied FROM denied_tokens WHERE token_id = $1',
      values: [tokenId],
    })
    .then(({ rows }) => rows.length > 0)
}

// Channels belong to a database, not to a schema; and their names have 63 bytes at most.
const channelExpression = `'authcost_denied_' || md5(current_schema())`

/** Denies a token until it expires (seconds since the epoch), and tells every server that listens. */
export async function denyToken(database: Queryable, tokenId: string, expiresAtS: number): Promise<void> {
  await database.query({
    text: `WITH denied AS (
  INSERT INTO denied_tokens (token_id, expires_at) VALUES ($1, to_timestamp($2::float8))
  ON CONFLICT (token_id) DO NOTHING RETURNING token_id
)
SELECT pg_notify(${channelExpression}, denied.token_id || ' ' || $2::float8) FROM denied`,
    values: [tokenId, expiresAtS],
  })
}

/** The channel on which `denyToken` tells of a token: `<jti> <exp>`. */
export async function deniedTokensChannel(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ readonly channel: string }>({
    text: `SELECT ${channelExpression} AS channel`,
    values: [],
  })
  return rows[0]?.channel ?? ''
}

/** Every token that is denied and would still be accepted otherwise. */
export async function deniedTokens(
  database: Queryable,
): Promise<readonly { readonly tokenId: string; readonly expiresAtS: number }[]> {
  const { rows } = await database.query<{ readonly tokenId: string; readonly expiresAtS: number }>({
    text: `SELECT token_id AS "tokenId", extract(epoch FROM expires_at)::float8 AS "expiresAtS"
FROM denied_tokens WHERE expires_at > now()`,
    values: [],
  })
  return rows
}

/** Rows of tokens that have expired by themselves; called between restarts, never by a timer while measuring. */
export async function deleteExpiredDenials(database: Queryable): Promise<number> {
  const { rowCount } = await database.query({
    text: 'DELETE FROM denied_tokens WHERE expires_at <= now()',
    values: [],
  })
  return rowCount
}
