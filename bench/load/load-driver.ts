import { AuthcostError } from '../../servers/contract/errors.ts'
import { Child } from '../launch/child.ts'
import { type CallsResult, type FromDriver, fromDriverSchema, type LoadResult, type ToDriver } from './protocol.ts'

type WithoutId<M> = M extends { requestId: number } ? Omit<M, 'requestId'> : never
type Options<T extends ToDriver['type']> = Omit<Extract<ToDriver, { type: T }>, 'type' | 'requestId'>

/** Beyond the planned duration: draining, and a machine that is busy with something else. */
const graceMs = 30_000

/** A password hash on a busy machine. */
const slowestCallMs = 1000

/** The load driver's process, as the harness sees it. */
export class LoadDriver implements AsyncDisposable {
  readonly child: Child

  private constructor(child: Child) {
    this.child = child
  }

  static async start(): Promise<LoadDriver> {
    return new LoadDriver(await Child.start({ name: 'load driver', entry: 'bench/load/driver.ts' }))
  }

  async setPopulation(options: Options<'population'>): Promise<void> {
    await this.#ask({ type: 'population', ...options }, graceMs)
  }

  async setCredentials(options: Options<'credentials'>): Promise<void> {
    await this.#ask({ type: 'credentials', ...options }, graceMs)
  }

  async setBadCredentials(options: Options<'bad-credentials'>): Promise<void> {
    await this.#ask({ type: 'bad-credentials', ...options }, graceMs)
  }

  async setRenewals(options: Options<'renewals'>): Promise<void> {
    await this.#ask({ type: 'renewals', ...options }, graceMs)
  }

  /** Compiles its code, by the second that it takes to load itself. */
  async rehearse(): Promise<void> {
    await this.#ask({ type: 'rehearse' }, graceMs)
  }

  /** Connects; answers when every connection has had its first answer and is held. */
  async open(options: Options<'open'>): Promise<void> {
    await this.#ask({ type: 'open', ...options }, graceMs)
  }

  async warmUp(options: Options<'warm-up'>): Promise<void> {
    await this.#ask({ type: 'warm-up', ...options }, options.maxDurationMs + graceMs)
  }

  closedLoop(options: Options<'closed-loop'>): Promise<LoadResult> {
    return this.#load({ type: 'closed-loop', ...options }, options.maxDurationMs + graceMs)
  }

  openLoop(options: Options<'open-loop'>): Promise<LoadResult> {
    return this.#load({ type: 'open-loop', ...options }, 2 * options.durationMs + graceMs)
  }

  /** Keeps the driver's core as busy as it is while a window is open, without any load, until called with false. */
  async keepAwake(on: boolean): Promise<void> {
    await this.#ask({ type: 'keep-awake', on }, graceMs)
  }

  async openCalls(options: Options<'open-calls'>): Promise<void> {
    await this.#ask({ type: 'open-calls', ...options }, graceMs)
  }

  /** Sends requests one after the other on the target's one connection. */
  async calls(options: Options<'calls'>): Promise<CallsResult> {
    const reply = await this.#ask({ type: 'calls', ...options }, graceMs + options.order.length * slowestCallMs)
    if (reply.type !== 'called')
      throw new AuthcostError('load.protocol', `The load driver answered "${reply.type}" where calls were due.`)
    return reply.result
  }

  async close(target: string): Promise<void> {
    await this.#ask({ type: 'close', target }, graceMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stop(500)
  }

  async #load(message: WithoutId<ToDriver>, timeoutMs: number): Promise<LoadResult> {
    const reply = await this.#ask(message, timeoutMs)
    if (reply.type !== 'load')
      throw new AuthcostError('load.protocol', `The load driver answered "${reply.type}" where a load was due.`)
    return reply.result
  }

  /** @throws {AuthcostError} with the driver's own code and message when it answers `failed`. */
  async #ask(message: WithoutId<ToDriver>, timeoutMs: number): Promise<Exclude<FromDriver, { type: 'failed' }>> {
    const reply = fromDriverSchema.parse(await this.child.request(message, timeoutMs))
    if (reply.type === 'failed') throw new AuthcostError(reply.code, reply.message)
    return reply
  }
}
