import { AuthcostError } from '../../../servers/contract/errors.ts'
import { Child } from '../child.ts'
import { type FromDelayProxy, fromDelayProxySchema, type ToDelayProxy } from './delay-proxy-protocol.ts'
import type { Upstream } from './forward.ts'

type WithoutId<M> = M extends { requestId: number } ? Omit<M, 'requestId'> : never

const patienceMs = 30_000

/** The proxy's process: any TCP service, answers held for a given time. It knows nothing of Postgres. */
export class DelayProcess implements AsyncDisposable {
  readonly child: Child
  /** On 127.0.0.1. */
  readonly port: number

  private constructor(child: Child, port: number) {
    this.child = child
    this.port = port
  }

  /** @throws {AuthcostError} `launch.*` when it does not start. */
  static async start(upstream: Upstream, delayUs: number): Promise<DelayProcess> {
    const child = await Child.start({
      name: 'delay proxy',
      entry: 'bench/launch/delay/delay-proxy-process.ts',
    })
    try {
      const reply = await ask(child, { type: 'listen', ...upstream, delayUs })
      if (reply.type !== 'listening') throw unexpected(reply)
      return new DelayProcess(child, reply.port)
    } catch (error) {
      await child.stop(500)
      throw error
    }
  }

  /** How long answers are held from now on. */
  async setDelay(delayUs: number): Promise<void> {
    const reply = await ask(this.child, { type: 'delay', delayUs })
    if (reply.type !== 'done') throw unexpected(reply)
  }

  /** `cpuUs`: all threads since the start. `overshootUs`: how much too late its last sleeps ended, median. */
  async counters(): Promise<{ readonly cpuUs: number; readonly overshootUs: number }> {
    const reply = await ask(this.child, { type: 'counters' })
    if (reply.type !== 'counters') throw unexpected(reply)
    return { cpuUs: reply.cpuUs, overshootUs: reply.overshootUs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stop(500)
  }
}

async function ask(child: Child, message: WithoutId<ToDelayProxy>): Promise<FromDelayProxy> {
  return fromDelayProxySchema.parse(await child.request(message, patienceMs))
}

const unexpected = (reply: FromDelayProxy): AuthcostError =>
  new AuthcostError(
    'launch.delay-proxy',
    reply.type === 'failed'
      ? `The delay proxy failed: ${reply.message}`
      : `The delay proxy answered "${reply.type}" to something else.`,
  )
