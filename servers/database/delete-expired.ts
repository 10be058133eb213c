import type { ExpiredRows } from '../contract/expired-rows.ts'
import { deleteExpiredDenials } from './denied-families.ts'
import { CountedPool } from './pool.ts'
import { deleteExpiredFamilies } from './refresh-tokens.ts'
import { sessionStatements } from './sessions.ts'

/**
 * Deletes every row that no request can use any more: sessions past their absolute end, denials of tokens that have
 * expired by themselves, families of refresh tokens. Sessions that only an idle timeout ends stay: it belongs to a variant,
 * and several may share a table.
 *
 * @returns rows deleted, by table
 */
export async function deleteExpiredRows(
  request: Pick<ExpiredRows, 'databaseUrl' | 'databaseSchema' | 'sessionLayouts'>,
): Promise<Record<string, number>> {
  const pool = new CountedPool({ ...request, applicationName: 'authcost-delete-expired', poolSize: 1 })
  try {
    const deleted: Record<string, number> = {}
    for (const layout of request.sessionLayouts) {
      if (layout.store !== 'postgres') continue
      const sessions = sessionStatements({
        layout,
        prepared: false,
        touch: 'never',
        idleTimeoutS: 0,
        withExpiry: false,
      })
      deleted[layout.name] = await sessions.deleteExpired(pool)
    }
    deleted.denied_families = await deleteExpiredDenials(pool)
    deleted.refresh_families = await deleteExpiredFamilies(pool)
    return deleted
  } finally {
    await pool.close()
  }
}
