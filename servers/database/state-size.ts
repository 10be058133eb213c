import type { StateSize } from '../contract/state-size.ts'
import type { CountedDatabase } from '../contract/strategy.ts'

/**
 * Bytes of a table with its indexes, over its rows; nothing where it has none.
 *
 * @param table a name of the application's own: it stands in the text of the query.
 */
export async function tableState(
  database: Pick<CountedDatabase, 'query'>,
  table: string,
  what: string,
): Promise<readonly StateSize[]> {
  const { rows } = await database.query<{ readonly bytes: number; readonly count: number }>({
    text: `SELECT pg_total_relation_size('${table}'::regclass)::float8 AS bytes, (SELECT count(*) FROM ${table})::float8 AS count`,
    values: [],
  })
  const { bytes, count } = rows[0] ?? { bytes: 0, count: 0 }
  if (count === 0) return []
  return [{ where: 'postgres', what, bytes, count, method: `pg_total_relation_size of ${table} over its rows` }]
}

/** As many as fill some hundred pages: the last one of a table and its indexes does not count then. */
const copies = 10_000

/** Rows that no run seeds, written as a login would into copies of their tables, which go with the transaction. */
async function writtenState(
  database: CountedDatabase,
  {
    what,
    tables,
  }: { readonly what: string; readonly tables: readonly { readonly name: string; readonly values: string }[] },
): Promise<StateSize> {
  const names = tables.map(({ name }) => name)
  const bytes = await database.transaction(async (connection) => {
    for (const { name, values } of tables) {
      await connection.query({
        text: `CREATE TEMPORARY TABLE weighed_${name} (LIKE ${name} INCLUDING ALL) ON COMMIT DROP`,
        values: [],
      })
      await connection.query({
        text: `INSERT INTO weighed_${name} SELECT ${values} FROM generate_series(1, $1::int4) AS n`,
        values: [copies],
      })
    }
    const { rows } = await connection.query<{ readonly bytes: number }>({
      text: 'SELECT sum(pg_total_relation_size(name::regclass))::float8 AS bytes FROM unnest($1::text[]) AS name',
      values: [names.map((name) => `weighed_${name}`)],
    })
    return rows[0]?.bytes ?? 0
  })
  return {
    where: 'postgres',
    what,
    bytes,
    count: copies,
    method: `pg_total_relation_size of copies of ${names.join(' and ')} over as many logins`,
  }
}

/** What a login leaves for a refresh to find. Each refresh adds another row of tokens. */
export const refreshState = (database: CountedDatabase): Promise<StateSize> =>
  writtenState(database, {
    what: 'refresh family with its first token',
    tables: [
      { name: 'refresh_families', values: 'gen_random_uuid(), n, now(), NULL' },
      {
        name: 'refresh_tokens',
        values: `sha256(convert_to(gen_random_uuid()::text, 'UTF8')), gen_random_uuid(), now(), NULL`,
      },
    ],
  })

/** What a logout leaves until the token would have expired. */
export const deniedFamilyState = (database: CountedDatabase): Promise<StateSize> =>
  writtenState(database, {
    what: 'denied family of tokens',
    tables: [{ name: 'denied_families', values: 'gen_random_uuid(), now()' }],
  })
