import { AuthcostError } from './contract/errors.ts'
import { type FromIssuer, type ToIssuer, toIssuerSchema } from './contract/issuer-protocol.ts'
import { type RunningIssuer, startIssuer } from './issuer/running-issuer.ts'
import { describeFailure, followParent, tellParent } from './process/parent-channel.ts'
import { cpuUs } from './process/process-counters.ts'

/**
 * Entry of an issuer process. Forked with `serialization: 'advanced'`; told its keys by a `configure` message
 * (servers/contract/issuer-protocol.ts), it answers `ready` once it listens. Ends with its channel, or on `stop`.
 */
let issuer: RunningIssuer | undefined

const reply = (message: FromIssuer): Promise<void> => tellParent(message)

async function answer(message: ToIssuer): Promise<void> {
  const { requestId } = message
  if (message.type === 'configure') {
    if (issuer !== undefined) throw new AuthcostError('issuer.configured', 'This issuer is configured already.')
    issuer = await startIssuer(message.configuration)
    return reply({ type: 'ready', requestId, port: issuer.port, pid: process.pid })
  }
  if (issuer === undefined) {
    throw new AuthcostError('issuer.not-configured', `"${message.type}" came before "configure".`)
  }
  if (message.type === 'snapshot') return reply({ type: 'snapshot', requestId, cpuUs: cpuUs() })
  if (message.type === 'rotate') await issuer.rotate()
  else await issuer.stop()
  await reply({ type: 'done', requestId })
  if (message.type === 'stop') process.exit(0)
}

async function receive(raw: unknown): Promise<void> {
  const parsed = toIssuerSchema.safeParse(raw)
  if (!parsed.success) {
    await fail(
      new AuthcostError(
        'issuer.protocol',
        'A message to the issuer cannot be read. Do harness and issuer have one version?',
      ),
    )
    return
  }
  try {
    await answer(parsed.data)
  } catch (error) {
    await reply({ type: 'failed', requestId: parsed.data.requestId, ...describeFailure(error) })
  }
}

async function fail(error: unknown): Promise<never> {
  const failure = describeFailure(error)
  process.stderr.write(`${failure.code}: ${failure.message}\n`)
  await reply({ type: 'failed', requestId: -1, ...failure })
  process.exit(1)
}

followParent()
process.on('uncaughtException', (error) => void fail(error))
process.on('unhandledRejection', (reason) => void fail(reason))
process.on('message', (raw) => void receive(raw))
