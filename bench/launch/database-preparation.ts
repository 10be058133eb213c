import { AuthcostError } from '../../servers/contract/errors.ts'
import {
  type Preparation,
  type PreparationReport,
  preparationReportSchema,
} from '../../servers/contract/preparation.ts'
import { protocolVersion } from '../../servers/contract/protocol.ts'
import { Child } from './child.ts'

/** Creates the application's tables and fills them, in a process of `servers/`. Aborting stops it at once. */
export async function prepareDatabase(
  preparation: Omit<Preparation, 'protocolVersion'>,
  onProgress: (phase: string, done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Extract<PreparationReport, { type: 'done' }>> {
  signal.throwIfAborted()
  await using child = await Child.start({
    name: 'database preparation',
    entry: 'servers/prepare-database.ts',
  })
  return await new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    child.onUnexpectedExit(reject)
    child.onMessage((message) => {
      const report = preparationReportSchema.parse(message)
      if (report.type === 'progress') onProgress(report.phase, report.done, report.total)
      else {
        signal.removeEventListener('abort', abort)
        if (report.type === 'done') resolve(report)
        else reject(new AuthcostError(report.code, `Preparing the database failed: ${report.message}`))
      }
    })
    child.send({ ...preparation, protocolVersion })
  })
}
