import { protocolVersion, type ServerConfiguration } from '../../servers/contract/protocol.ts'
import { asker } from '../launch/ask.ts'
import { Child } from '../launch/child.ts'
import type { StepRequest } from './open-step.ts'
import {
  type FromStepProcess,
  fromStepProcessSchema,
  type MeasuredRun,
  type OfferedTask,
  type ToStepProcess,
} from './protocol.ts'

/** Opening makes credentials for thousands of users, and some signatures take milliseconds. */
const openingTimeoutMs = 180_000

const ask = asker<ToStepProcess, FromStepProcess>(fromStepProcessSchema)

/** What a process is told, but for the version of the messages. */
export type StepOptions = Omit<StepRequest, 'configuration'> & {
  readonly configuration: Omit<ServerConfiguration, 'protocolVersion'>
}

/** One variant's authentication step in a process of its own, as its server has one. */
export class StepProcess {
  readonly child: Child
  readonly tasks: readonly OfferedTask[]

  private constructor(child: Child, tasks: readonly OfferedTask[]) {
    this.child = child
    this.tasks = tasks
  }

  /** @throws {AuthcostError} why the step cannot be called in process: the variant is left out with this message. */
  static async start(
    { configuration, ...rest }: StepOptions,
    { nodeFlags, signal }: { readonly nodeFlags: readonly string[]; readonly signal: AbortSignal },
  ): Promise<StepProcess> {
    signal.throwIfAborted()
    const child = await Child.start({
      name: `in-process step of ${configuration.variantId}`,
      entry: 'bench/micro/start.ts',
      nodeFlags,
    })
    // Opening takes seconds: who interrupts a run is not kept waiting for it.
    const giveUp = () => void child.stop(0)
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const { tasks } = await ask(
        child,
        { type: 'configure', ...rest, configuration: { ...configuration, protocolVersion } },
        'ready',
        openingTimeoutMs,
      )
      return new StepProcess(child, tasks)
    } catch (error) {
      await child.stop(500)
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Runs every task for so long, untimed. */
  async warmUp(msPerTask: number): Promise<void> {
    await ask(this.child, { type: 'warm-up', msPerTask }, 'done', 60_000 + 4 * msPerTask * this.tasks.length)
  }

  async run({ task, inFlight }: Pick<OfferedTask, 'task' | 'inFlight'>, runMs: number): Promise<MeasuredRun> {
    return (await ask(this.child, { type: 'run', task, inFlight, runMs }, 'measured', 60_000 + 4 * runMs)).run
  }

  stop(): Promise<void> {
    return this.child.stop()
  }
}
