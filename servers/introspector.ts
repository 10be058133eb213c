import { AuthcostError } from './contract/errors.ts'
import {
  type FromIntrospector,
  type IntrospectorConfiguration,
  type ToIntrospector,
  toIntrospectorSchema,
} from './contract/introspector-protocol.ts'
import { CountedPool } from './database/pool.ts'
import { describeFailure, followParent, tellParent } from './process/parent-channel.ts'
import { cpuUs } from './process/process-counters.ts'
import { type RunningIntrospector, startIntrospector } from './strategies/introspection/running-introspector.ts'

/**
 * Entry of an auth service's process: `POST /introspect` (RFC 7662). Told what to be by a `configure` message
 * (servers/contract/introspector-protocol.ts), it answers `ready` once it listens, and ends with its channel.
 */
let running: RunningIntrospector | undefined
/** CPU that answering the harness took: not the service's. */
let readingCpuUs = 0

const reply = (message: FromIntrospector): Promise<void> => tellParent(message)

async function configure(requestId: number, configuration: IntrospectorConfiguration): Promise<void> {
  if (running !== undefined)
    throw new AuthcostError('introspector.configured', 'This auth service is configured already.')
  running = await startIntrospector(configuration, new CountedPool(configuration))
  await reply({ type: 'ready', requestId, port: running.port, pid: process.pid })
}

async function serve(
  message: Exclude<ToIntrospector, { type: 'configure' }>,
  service: RunningIntrospector,
  arrivedCpuUs: number,
): Promise<void> {
  const { requestId } = message
  switch (message.type) {
    case 'warm-pool':
      await service.warm()
      return reply({ type: 'done', requestId })
    case 'set-pool-size':
      await service.setPoolSize(message.poolSize)
      return reply({ type: 'done', requestId })
    case 'snapshot':
      await reply({ type: 'snapshot', requestId, cpuUs: arrivedCpuUs - readingCpuUs, ...service.counters() })
      readingCpuUs += cpuUs() - arrivedCpuUs
      return
    case 'stop':
      await service.stop()
      await reply({ type: 'done', requestId })
      process.exit(0)
  }
}

async function receive(raw: unknown): Promise<void> {
  const arrivedCpuUs = cpuUs()
  const parsed = toIntrospectorSchema.safeParse(raw)
  if (!parsed.success) {
    throw new AuthcostError(
      'introspector.protocol',
      `A message to the auth service cannot be read (${parsed.error.issues[0]?.path.join('.') ?? ''}). Do harness and server have one version?`,
    )
  }
  const message = parsed.data
  try {
    if (message.type === 'configure') await configure(message.requestId, message.configuration)
    else if (running === undefined)
      throw new AuthcostError('introspector.not-configured', `"${message.type}" came before "configure".`)
    else await serve(message, running, arrivedCpuUs)
  } catch (error) {
    await reply({ type: 'failed', requestId: message.requestId, ...describeFailure(error) })
    if (message.type === 'configure') process.exit(1)
  }
}

async function fail(error: unknown): Promise<never> {
  const failure = describeFailure(error)
  process.stderr.write(`${failure.code}: ${failure.message}\n`)
  process.exit(1)
}

followParent()
process.on('uncaughtException', (error) => void fail(error))
process.on('unhandledRejection', (reason) => void fail(reason))
process.on('message', (raw) => {
  receive(raw).catch(fail)
})
