import { createServer } from 'node:net'
import { DelayLine } from './delay-line.ts'
import { type FromDelayProxy, type ToDelayProxy, toDelayProxySchema } from './delay-proxy-protocol.ts'
import { forward } from './forward.ts'
import { monotonicUs } from './monotonic.ts'
import { Sleeper } from './sleeper.ts'

/*
 * Process entry of the delay proxy: forwards TCP and holds every answer for a while. It ends when its channel closes, so
 * it never outlives the harness; Ctrl-C is the harness's to decide.
 */

let line: DelayLine | undefined

/** Connections that the kernel keeps until they are accepted: all pools of a run may open theirs at once. */
const backlog = 1024

async function listen(options: Extract<ToDelayProxy, { type: 'listen' }>): Promise<number> {
  const sleeper = await Sleeper.start(() => line?.wake())
  const delayLine = new DelayLine(options.delayUs, {
    nowUs: monotonicUs,
    sleepUntil: (untilUs) => sleeper.sleepUntil(untilUs),
  })
  line = delayLine
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
    forward(client, { host: options.host, port: options.port }, delayLine),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0, backlog }, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

async function handle(message: ToDelayProxy): Promise<FromDelayProxy> {
  const { requestId } = message
  switch (message.type) {
    case 'listen':
      return { type: 'listening', requestId, port: await listen(message) }
    case 'delay':
      if (line !== undefined) line.delayUs = message.delayUs
      return { type: 'done', requestId }
    case 'counters': {
      const { user, system } = process.cpuUsage()
      return { type: 'counters', requestId, cpuUs: user + system, overshootUs: line?.overshootUs ?? 0 }
    }
  }
}

const answer = (message: FromDelayProxy): void => {
  process.send?.(message)
}

process.on('message', (raw: unknown) => {
  const message = toDelayProxySchema.parse(raw)
  handle(message).then(answer, (error: unknown) => {
    answer({
      type: 'failed',
      requestId: message.requestId,
      message: error instanceof Error ? error.message : String(error),
    })
  })
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
