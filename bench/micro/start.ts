import { AuthcostError } from '../../servers/contract/errors.ts'
import { describeFailure, followParent, tellParent } from '../../servers/process/parent-channel.ts'
import { type OpenStep, openStep } from './open-step.ts'
import { type FromStepProcess, type ToStepProcess, toStepProcessSchema } from './protocol.ts'

/**
 * Entry of a process that times one variant's authentication step (bench/micro/protocol.ts). It ends with its channel;
 * what cannot be done is answered with `failed`.
 */
let step: OpenStep | undefined

const reply = (message: FromStepProcess): Promise<void> => tellParent(message)

function opened(): OpenStep {
  if (step === undefined) throw new AuthcostError('micro.not-configured', 'Something was asked before "configure".')
  return step
}

async function answer(message: ToStepProcess): Promise<void> {
  const { requestId } = message
  switch (message.type) {
    case 'configure':
      step = await openStep(message)
      return reply({
        type: 'ready',
        requestId,
        tasks: step.tasks.map(({ call, inFlight }) => ({
          task: call.name,
          kind: call.kind,
          async: call.async,
          inFlight,
        })),
      })
    case 'warm-up':
      for (const task of opened().tasks) await task.warmUp(message.msPerTask)
      return reply({ type: 'done', requestId })
    case 'run': {
      const task = opened().tasks.find(
        ({ call, inFlight }) => call.name === message.task && inFlight === message.inFlight,
      )
      if (task === undefined) throw new AuthcostError('micro.task', `There is no task "${message.task}".`)
      return reply({ type: 'measured', requestId, run: await task.run(message.runMs) })
    }
  }
}

followParent()
process.on('message', (raw) => {
  const message = toStepProcessSchema.parse(raw)
  answer(message).catch((error: unknown) =>
    reply({ type: 'failed', requestId: message.requestId, ...describeFailure(error) }),
  )
})
