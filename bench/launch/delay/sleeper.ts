import { Worker } from 'node:worker_threads'
import { compiledPath } from '../../environment/compiled-path.ts'
import { asleep, type SleeperMemory, sleeperMemory, stateIndex } from './sleeper-memory.ts'

/** Sleeps in a thread of its own, so that this one goes on forwarding. */
export class Sleeper {
  readonly #memory: SleeperMemory
  readonly #worker: Worker

  private constructor(worker: Worker, memory: SleeperMemory) {
    this.#worker = worker
    this.#memory = memory
  }

  /**
   * @param onWake called once after each sleep.
   * @throws when the thread ends, on the thread's `error` event: a proxy without it would hold answers for ever.
   */
  static async start(onWake: () => void): Promise<Sleeper> {
    const memory = sleeperMemory()
    const worker = new Worker(compiledPath('bench/launch/delay/sleeper-thread.ts'), { workerData: memory.shared })
    await new Promise<void>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    worker.on('message', onWake)
    return new Sleeper(worker, memory)
  }

  /** @param untilUs `monotonicUs()`. Only while no sleep is under way. */
  sleepUntil(untilUs: number): void {
    this.#memory.untilUs[0] = untilUs
    Atomics.store(this.#memory.words, stateIndex, asleep)
    Atomics.notify(this.#memory.words, stateIndex)
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
