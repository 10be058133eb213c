import {
  type ExpiredRows,
  type ExpiredRowsReport,
  expiredRowsReportSchema,
} from '../../servers/contract/expired-rows.ts'
import { protocolVersion } from '../../servers/contract/protocol.ts'
import { asker } from './ask.ts'
import { Child } from './child.ts'

/** A sequential scan of ten million sessions, at most. */
const timeoutMs = 120_000

const ask = asker<ExpiredRows, ExpiredRowsReport>(expiredRowsReportSchema)

/**
 * Deletes what has expired, in a process of `servers/`; for between two restarts, when no server runs.
 *
 * @returns rows deleted, by table
 */
export async function deleteExpiredRows(
  options: Omit<ExpiredRows, 'protocolVersion' | 'requestId'>,
): Promise<Readonly<Record<string, number>>> {
  await using child = await Child.start({ name: 'deletion of expired rows', entry: 'servers/delete-expired.ts' })
  return (await ask(child, { ...options, protocolVersion }, 'done', timeoutMs)).deleted
}
