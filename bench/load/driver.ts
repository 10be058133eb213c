import { AuthcostError } from '../../servers/contract/errors.ts'
import { DriverState } from './driver-state.ts'
import { type FromDriver, type ToDriver, toDriverSchema } from './protocol.ts'

/**
 * Entry of the load driver's process. It ends when its channel closes, so it never outlives the harness; Ctrl-C is the
 * harness's to decide.
 */
const state = new DriverState()

const answer = (message: FromDriver): void => {
  process.send?.(message)
}

async function handle(message: ToDriver): Promise<FromDriver> {
  const { requestId } = message
  switch (message.type) {
    case 'population':
      state.setPopulation(message)
      return { type: 'done', requestId }
    case 'credentials':
      state.setCredentials(message)
      return { type: 'done', requestId }
    case 'bad-credentials':
      state.setBadCredentials(message)
      return { type: 'done', requestId }
    case 'renewals':
      state.setRenewals(message)
      return { type: 'done', requestId }
    case 'rehearse':
      await state.rehearse()
      return { type: 'done', requestId }
    case 'open':
      await state.open(message)
      return { type: 'done', requestId }
    case 'close':
      await state.close(message)
      return { type: 'done', requestId }
    case 'keep-awake':
      state.keepAwake(message)
      return { type: 'done', requestId }
    case 'open-calls':
      await state.openCalls(message)
      return { type: 'done', requestId }
    case 'calls':
      return { type: 'called', requestId, result: await state.calls(message) }
    case 'warm-up':
      await state.warmUp(message)
      return { type: 'done', requestId }
    case 'closed-loop':
      return { type: 'load', requestId, result: await state.closedLoop(message), rssBytes: process.memoryUsage.rss() }
    case 'open-loop':
      return { type: 'load', requestId, result: await state.openLoop(message), rssBytes: process.memoryUsage.rss() }
  }
}

process.on('message', (raw: unknown) => {
  const message = toDriverSchema.parse(raw)
  handle(message).then(answer, (error: unknown) => {
    answer({
      type: 'failed',
      requestId: message.requestId,
      code: error instanceof AuthcostError ? error.code : 'load.failed',
      message: error instanceof Error ? error.message : String(error),
    })
  })
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
