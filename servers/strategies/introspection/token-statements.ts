import type { Identity } from '../../contract/identity.ts'
import type { CountedDatabase } from '../../contract/strategy.ts'
import { sessionStatements } from '../../database/sessions.ts'
import { tokenLayout } from '../introspection.ts'

/** Statements on the table of tokens. Random bytes of a token: as many as a session id has. */
export const tokenBytes = tokenLayout.idBytes

export const tokenStatements = sessionStatements({
  layout: tokenLayout,
  prepared: true,
  touch: 'never',
  idleTimeoutS: 1,
  withExpiry: false,
})

/** A token that is good: its user, and since and until when (seconds since the epoch). */
export interface ActiveToken extends Identity {
  readonly iat: number
  readonly exp: number
}

const text = `SELECT u.user_id AS "userId", u.username, u.role,
  floor(extract(epoch FROM t.created_at))::float8 AS iat, floor(extract(epoch FROM t.expires_at))::float8 AS exp
FROM ${tokenLayout.name} t JOIN users u ON u.user_id = t.user_id
WHERE t.id_hash = $1 AND t.expires_at > now()`

/** What the auth service asks for a token: one prepared query. */
export const findToken = (
  database: Pick<CountedDatabase, 'query'>,
  tokenHash: Buffer,
): Promise<ActiveToken | undefined> =>
  database.query<ActiveToken>({ name: 'token-look-up', text, values: [tokenHash] }).then((result) => result.rows[0])
