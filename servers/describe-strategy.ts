import { AuthcostError, usageError } from './contract/errors.ts'
import type { ResolvedVariant } from './contract/strategy.ts'
import { type FromDescriber, type ToDescriber, toDescriberSchema } from './contract/strategy-description.ts'
import { describeFailure, followParent, tellParent } from './process/parent-channel.ts'
import { loadStrategyFile } from './strategies/load-file.ts'
import { strategies } from './strategies/table.ts'

/**
 * Entry of the process that loads a strategy file of the user's and answers what it says of itself, so that its code
 * runs in no process that measures or plans. Ends with its channel.
 */
const reply = (message: FromDescriber): Promise<void> => tellParent(message)

/** @throws {AuthcostError} what the file does; `strategy.name` when its strategy is called like one of the project's. */
async function variantOf({ file, parameters }: ToDescriber): Promise<{
  readonly variant: ResolvedVariant
  readonly createSecrets: () => Promise<Readonly<Record<string, string>>>
}> {
  const strategy = await loadStrategyFile(file)
  if (strategies.some(({ name }) => name === strategy.name)) {
    throw usageError(
      'strategy.name',
      `The strategy file calls its strategy "${strategy.name}", as one of authcost is called. Give it a name of its own.`,
    )
  }
  const variant = { ...strategy.parse(parameters), file }
  return { variant, createSecrets: () => strategy.createSecrets(variant) }
}

async function answer(message: ToDescriber): Promise<void> {
  const { requestId } = message
  const { variant, createSecrets } = await variantOf(message)
  if (message.type === 'describe') await reply({ type: 'described', requestId, variant })
  else await reply({ type: 'secrets', requestId, secrets: { ...(await createSecrets()) } })
}

async function receive(raw: unknown): Promise<void> {
  const parsed = toDescriberSchema.safeParse(raw)
  if (!parsed.success) {
    process.stderr.write('A message about a strategy file cannot be read. Do both sides have one version?\n')
    process.exit(1)
  }
  try {
    await answer(parsed.data)
  } catch (error) {
    const usage = error instanceof AuthcostError && error.exitCode === 2
    await reply({ type: 'failed', requestId: parsed.data.requestId, ...describeFailure(error), usage })
  }
}

followParent()
process.on('message', (raw) => void receive(raw))
