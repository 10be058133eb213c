import { resolve } from 'node:path'
import { AuthcostError, usageError } from '../../servers/contract/errors.ts'
import { protocolVersion } from '../../servers/contract/protocol.ts'
import type { ResolvedVariant, Secrets } from '../../servers/contract/strategy.ts'
import {
  type FromDescriber,
  fromDescriberSchema,
  parseVariantDescription,
  type ToDescriber,
} from '../../servers/contract/strategy-description.ts'
import { parseVariant, splitVariant, strategyNamed } from '../../servers/strategies/table.ts'
import { Child } from './child.ts'

/** Importing a module and parsing a few parameters; what takes longer waits for something it should not. */
const timeoutMs = 20_000

/**
 * Variants by their text, strategy files of the user's among them: those are loaded in a process of their own.
 *
 * @param texts `session`, `./my-strategy.js:rounds=3`; paths are relative to the current folder.
 * @throws {AuthcostError} `usage.*` and `strategy.*` for what is wrong with a text or a file.
 */
export async function resolveVariants(texts: readonly string[]): Promise<ReadonlyMap<string, ResolvedVariant>> {
  const resolved = new Map<string, ResolvedVariant>()
  const fileOfName = new Map<string, string>()
  for (const text of texts) {
    const { strategy, raw, isFile } = splitVariant(text.trim())
    if (!isFile) {
      resolved.set(text, parseVariant(text))
      continue
    }
    const file = resolve(strategy)
    const variant = await describeFile(strategy, file, raw)
    const other = fileOfName.get(variant.strategy) ?? file
    if (other !== file) {
      throw usageError(
        'strategy.name',
        `Two strategy files call their strategy "${variant.strategy}". Give one of them another name.`,
      )
    }
    fileOfName.set(variant.strategy, file)
    resolved.set(text, variant)
  }
  return resolved
}

/** Fresh key material of a variant: in this process for the project's own strategies, in its own for a file. */
export async function secretsOf(variant: ResolvedVariant): Promise<Secrets> {
  const { file, parameters } = variant
  if (file === undefined) return strategyNamed(variant.strategy).createSecrets(variant)
  const answer = await ask(variant.strategy, { type: 'create-secrets', file, parameters })
  if (answer.type === 'secrets') return answer.secrets
  throw unexpected(variant.strategy, answer)
}

async function describeFile(
  name: string,
  file: string,
  parameters: ToDescriber['parameters'],
): Promise<ResolvedVariant> {
  const answer = await ask(name, { type: 'describe', file, parameters })
  if (answer.type !== 'described') throw unexpected(name, answer)
  const variant = parseVariantDescription(answer.variant)
  if ('wrong' in variant) {
    throw usageError('strategy.file', `${name}: its description of the strategy is wrong, ${variant.wrong}.`)
  }
  return variant
}

/** One question to a process that lives for it. `name` is the file as typed: messages hold no path of the machine. */
async function ask(
  name: string,
  question: Pick<ToDescriber, 'type' | 'file' | 'parameters'>,
): Promise<Exclude<FromDescriber, { type: 'failed' }>> {
  await using child = await Child.start({
    name: `strategy file ${name}`,
    entry: 'servers/describe-strategy.ts',
  })
  const answer = fromDescriberSchema.parse(await child.request({ ...question, protocolVersion }, timeoutMs))
  if (answer.type !== 'failed') return answer
  throw new AuthcostError(answer.code, `${name}: ${answer.message}`, { exitCode: answer.usage ? 2 : 1 })
}

const unexpected = (name: string, answer: FromDescriber): AuthcostError =>
  new AuthcostError('launch.protocol', `strategy file ${name} answered "${answer.type}" to another question.`)
