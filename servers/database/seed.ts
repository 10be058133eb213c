import type pg from 'pg'
import type { SessionLayout } from '../contract/session-layout.ts'
import type { CountedDatabase } from '../contract/strategy.ts'
import { type Seeding, seededStoredIdSql } from './seeded-session.ts'
import { idColumn } from './session-table.ts'

/** Rows a statement: a second or two of work, so that progress is seen and a lost connection loses little. */
const chunkRows = 500_000

type Progress = (done: number, total: number) => void

/** Users 1..count as `seededIdentity` describes them, without a usable password. */
export async function seedUsers(client: pg.ClientBase, count: number, progress: Progress): Promise<void> {
  await inChunks(count, progress, async (from, to) => {
    await client.query(
      `INSERT INTO users (user_id, username, role)
SELECT n, 'user-' || n, CASE WHEN n % 10 = 0 THEN 'admin' ELSE 'member' END
FROM generate_series($1::int4, $2::int4) AS n`,
      [from, to],
    )
  })
  await client.query("SELECT setval(pg_get_serial_sequence('users', 'user_id'), $1)", [count])
}

/** Sessions 1..sessions of one layout, dealt to the users in turn, with ids that derive from the run's secret. */
export async function seedSessions(
  client: pg.ClientBase,
  layout: SessionLayout,
  options: Seeding & { readonly secret: string; readonly lifetimeS: number },
  progress: Progress,
): Promise<void> {
  await inChunks(options.sessions, progress, async (from, to) => {
    await client.query(
      `INSERT INTO ${layout.name} (${idColumn(layout)}, user_id, created_at, last_seen_at, expires_at)
SELECT ${seededStoredIdSql('$1::text', 'n', layout)}, (n - 1) % $2::int8 + 1, now(), now(), now() + make_interval(secs => $3)
FROM generate_series($4::int8, $5::int8) AS n`,
      [options.secret, options.users, options.lifetimeS, from, to],
    )
  })
}

/** Writes down what was seeded, so that a server can find the rows of a user. */
export async function recordSeeding(client: pg.ClientBase, { users, sessions }: Seeding): Promise<void> {
  await client.query('INSERT INTO seeding (users, sessions) VALUES ($1, $2)', [users, sessions])
}

/** What was seeded; undefined where nothing was. */
export async function readSeeding(database: Pick<CountedDatabase, 'query'>): Promise<Seeding | undefined> {
  const { rows } = await database.query<Seeding>({
    text: 'SELECT users::float8 AS users, sessions::float8 AS sessions FROM seeding',
    values: [],
  })
  return rows[0]
}

async function inChunks(
  count: number,
  progress: Progress,
  insert: (from: number, to: number) => Promise<void>,
): Promise<void> {
  progress(0, count)
  for (let from = 1; from <= count; from += chunkRows) {
    const to = Math.min(count, from + chunkRows - 1)
    await insert(from, to)
    progress(to, count)
  }
}
