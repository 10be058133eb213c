import { AuthcostError } from './contract/errors.ts'
import { type FromServer, protocolVersion, type ToServer, toServerSchema } from './contract/protocol.ts'
import { issueHeaders } from './process/issue-headers.ts'
import { describeFailure, followParent, tellParent } from './process/parent-channel.ts'
import { cpuUs } from './process/process-counters.ts'
import { type RunningServer, startServer } from './process/running-server.ts'

/**
 * Entry of a server process. Forked with `serialization: 'advanced'`; told what to be by a `configure` message
 * (servers/contract/protocol.ts), it answers `ready` once it listens. Ends with its channel, on `stop`, or with exit
 * code 1 after one `failed` message (`requestId` -1 where no request caused it) and a line on stderr.
 */
let server: RunningServer | undefined
let readingCpuUs = 0

const reply = (message: FromServer): Promise<void> => tellParent(message)

async function fail(error: unknown, requestId: number): Promise<never> {
  const failure = describeFailure(error)
  process.stderr.write(`${failure.code}: ${failure.message}\n`)
  await reply({ type: 'failed', requestId, ...failure })
  process.exit(1)
}

async function configure({ requestId, configuration }: Extract<ToServer, { type: 'configure' }>): Promise<void> {
  if (server !== undefined)
    throw new AuthcostError('server.configured', 'This server is configured already. Start another one.')
  server = await startServer(configuration)
  await reply({
    type: 'ready',
    requestId,
    protocolVersion,
    port: server.port,
    pid: process.pid,
    nodeVersion: process.version,
  })
}

/** The CPU of reading and sending is counted as the reader's; that of requests it waits for is not. */
async function sendSnapshot(
  { requestId, timeoutMs }: Extract<ToServer, { type: 'snapshot' }>,
  running: RunningServer,
  arrivedCpuUs: number,
): Promise<void> {
  readingCpuUs += cpuUs() - arrivedCpuUs
  await running.settled(timeoutMs)
  const beganCpuUs = cpuUs()
  await reply({ type: 'snapshot', requestId, snapshot: running.snapshot(readingCpuUs) })
  readingCpuUs += cpuUs() - beganCpuUs
}

async function serve(
  message: Exclude<ToServer, { type: 'configure' }>,
  running: RunningServer,
  arrivedCpuUs: number,
): Promise<void> {
  const { requestId } = message
  switch (message.type) {
    case 'warm-pool':
      // Opened only where the strategy has something to ask: idle connections would be backends of nobody.
      if (running.strategy.prewarm !== undefined) await running.pool?.warm(running.strategy)
      return reply({ type: 'done', requestId })
    case 'snapshot':
      return sendSnapshot(message, running, arrivedCpuUs)
    case 'issue':
      return reply({
        type: 'issued',
        requestId,
        requestHeaders: await issueHeaders(running.strategy, message, message),
      })
    case 'create-user':
      return reply({ type: 'user-created', requestId, ...(await running.users.create(message)) })
    case 'change-role':
      await running.users.changeRole(message.userId, message.role)
      return reply({ type: 'done', requestId })
    case 'delete-user':
      await running.users.delete(message.userId)
      return reply({ type: 'done', requestId })
    case 'measure-state': {
      const sizes = await running.strategy.measureState?.()
      return reply({ type: 'state', requestId, ...(sizes === undefined ? {} : { sizes: [...sizes] }) })
    }
    case 'set-pool-size':
      await running.pool?.setPoolSize(message.poolSize)
      return reply({ type: 'done', requestId })
    case 'add-account':
      await running.addAccount(message)
      return reply({ type: 'done', requestId })
    case 'stop':
      await running.stop()
      await reply({ type: 'done', requestId })
      process.exit(0)
  }
}

async function receive(raw: unknown): Promise<void> {
  const arrivedCpuUs = cpuUs()
  const parsed = toServerSchema.safeParse(raw)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new AuthcostError(
      'server.protocol',
      `A message to the server cannot be read (${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}). Do harness and server have one version?`,
    )
  }
  const message = parsed.data
  if (message.type === 'configure') {
    await configure(message).catch((error: unknown) => fail(error, message.requestId))
    return
  }
  try {
    if (server === undefined)
      throw new AuthcostError('server.not-configured', `"${message.type}" came before "configure".`)
    await serve(message, server, arrivedCpuUs)
  } catch (error) {
    await reply({ type: 'failed', requestId: message.requestId, ...describeFailure(error) })
  }
}

followParent()
process.on('uncaughtException', (error) => void fail(error, -1))
process.on('unhandledRejection', (reason) => void fail(reason, -1))
process.on('message', (raw) => {
  receive(raw).catch((error: unknown) => fail(error, -1))
})
