import type { SessionLayout } from '../../contract/session-layout.ts'
import type { StrategyContext } from '../../contract/strategy.ts'
import { readSeeding } from '../../database/seed.ts'
import { type SessionRow, sessionStatements } from '../../database/sessions.ts'
import { tableState } from '../../database/state-size.ts'
import { storedId } from '../../database/stored-id.ts'
import { type SessionParameters, touchOf } from './parameters.ts'
import type { SessionStore } from './session-store.ts'

/** Sessions in a table of Postgres. */
export function postgresStore(
  parameters: SessionParameters,
  layout: SessionLayout,
  { database }: Pick<StrategyContext, 'database'>,
): SessionStore<Buffer> {
  const touch = touchOf(parameters.touch)
  const { prepared, idleTimeoutS } = parameters
  const withExpiry = parameters.cacheTtl !== 'off'
  const statements = sessionStatements({ layout, prepared, touch, idleTimeoutS, withExpiry })
  let touches = 0
  const counted = (row: SessionRow | undefined): SessionRow | undefined => {
    if (row !== undefined) touches++
    return row
  }
  const touchWhenDue = async (key: Buffer): Promise<SessionRow | undefined> => {
    const row = await statements.lookUp(database, key)
    // Waited for: a write that fails must not be lost, nor be done when the next slice has begun.
    if (row?.due === true && (await statements.touch(database, key))) touches++
    return row
  }
  const plainLookUp = (key: Buffer): Promise<SessionRow | undefined> => statements.lookUp(database, key)
  return {
    keyOf: (id) => storedId(id, layout),
    textOf: (key) => key.toString('latin1'),
    lookUp:
      touch === 'never' ? plainLookUp : touch === 'always' ? (key) => plainLookUp(key).then(counted) : touchWhenDue,
    insert: (key, user, { nowMs, lifetimeS }) =>
      statements.insert(database, { storedId: key, userId: user.userId, nowMs, lifetimeS }),
    delete: (key) => statements.delete(database, key),
    seeding: () => readSeeding(database),
    state: () => tableState(database, layout.name, 'session'),
    counters: () => (touch === 'never' ? {} : { touches }),
    async prewarm(connection) {
      const nobody = Buffer.alloc(32)
      await statements.lookUp(connection, nobody)
      if (typeof touch === 'object') await statements.touch(connection, nobody)
    },
    close: async () => {},
  }
}
