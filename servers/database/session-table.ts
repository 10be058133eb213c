import type pg from 'pg'
import type { SessionLayout } from '../contract/session-layout.ts'

/** The column that is looked up: the id's hash, or the id itself, as bytes of the text that is sent. */
export const idColumn = ({ hash }: Pick<SessionLayout, 'hash'>): string => (hash === 'plain' ? 'id' : 'id_hash')

/**
 * Creates the table of a layout without keys (they are added after the bulk load) and without autovacuum.
 *
 * A table that requests write to leaves a fifth of each page free, and `last_seen_at` stands in no index: so an update
 * finds room on its own page and touches no index (heap-only tuples).
 */
export async function createSessionTable(client: pg.ClientBase, layout: SessionLayout): Promise<void> {
  const kind = layout.table === 'unlogged' ? 'UNLOGGED TABLE' : 'TABLE'
  const options = ['autovacuum_enabled = off', ...(layout.written ? ['fillfactor = 80'] : [])].join(', ')
  await client.query(`CREATE ${kind} ${layout.name} (
    ${idColumn(layout)} bytea NOT NULL,
    user_id int4 NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  ) WITH (${options})`)
}

/** Index and foreign key of a layout's table, one statement each. */
export const sessionKeyStatements = (layout: SessionLayout): readonly string[] => [
  layout.index === 'btree'
    ? `ALTER TABLE ${layout.name} ADD PRIMARY KEY (${idColumn(layout)})`
    : // A hash index cannot be unique. Nothing is lost: ids are drawn from at least 2^128.
      `CREATE INDEX ${layout.name}_id ON ${layout.name} USING hash (${idColumn(layout)})`,
  `ALTER TABLE ${layout.name} ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE`,
]

/** Lets autovacuum at the table again, as production has it. */
export async function allowAutovacuum(client: pg.ClientBase, table: string): Promise<void> {
  await client.query(`ALTER TABLE ${table} RESET (autovacuum_enabled)`)
}
