import { AuthcostError } from './contract/errors.ts'
import { type PreparationReport, preparationSchema } from './contract/preparation.ts'
import { prepareDatabase } from './database/prepare.ts'
import { describeFailure, followParent, tellParent } from './process/parent-channel.ts'

/**
 * Entry of the process that creates and fills the tables. Takes one `Preparation` over IPC, reports progress, ends
 * with `done` (exit code 0) or `failed` (1), and with its channel.
 */
const report = (message: PreparationReport): Promise<void> => tellParent(message)

async function prepare(raw: unknown): Promise<void> {
  const parsed = preparationSchema.safeParse(raw)
  if (!parsed.success) {
    throw new AuthcostError(
      'preparation.protocol',
      `What to prepare cannot be read: ${parsed.error.issues[0]?.path.join('.') ?? ''} is wrong. Do harness and server have one version?`,
    )
  }
  await report(await prepareDatabase(parsed.data, (progress) => void report(progress)))
}

followParent()
process.once('message', (raw) => {
  prepare(raw).then(
    () => process.exit(0),
    async (error: unknown) => {
      const failure = describeFailure(error)
      process.stderr.write(`${failure.code}: ${failure.message}\n`)
      await report({ type: 'failed', ...failure })
      process.exit(1)
    },
  )
})
