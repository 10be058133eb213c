import { type ExpiredRowsReport, expiredRowsSchema } from './contract/expired-rows.ts'
import { deleteExpiredRows } from './database/delete-expired.ts'
import { describeFailure, followParent, tellParent } from './process/parent-channel.ts'

/** Entry of the process that deletes expired rows between restarts: one request, one answer, and it ends. */
const report = (message: ExpiredRowsReport): Promise<void> => tellParent(message)

followParent()
process.once('message', (raw) => {
  const parsed = expiredRowsSchema.safeParse(raw)
  const requestId = parsed.success ? parsed.data.requestId : -1
  const work = parsed.success ? deleteExpiredRows(parsed.data) : Promise.reject(parsed.error)
  work.then(
    async (deleted) => {
      await report({ type: 'done', requestId, deleted })
      process.exit(0)
    },
    async (error: unknown) => {
      const failure = describeFailure(error)
      process.stderr.write(`${failure.code}: ${failure.message}\n`)
      await report({ type: 'failed', requestId, ...failure })
      process.exit(1)
    },
  )
})
