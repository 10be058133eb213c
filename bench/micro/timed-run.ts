import { Bench, type FnReturnedObject, type Task } from 'tinybench'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { Call } from './part-list.ts'
import type { MeasuredRun } from './protocol.ts'

/** A sample shorter than this would measure the clock: reading it takes 0.05 us, and tinybench's own work about 1 us. */
const leastSampleMs = 0.2
/** With several calls under way, each worker gets some of them, so that starting and ending do not count. */
const callsPerWorker = 8
const largestBatch = 1 << 20
/** A run has at least so many samples, however long one takes. */
const leastSamples = 10

/** Where the results of synchronous calls go, so that no compiler finds them unused. */
const sink: { last: unknown } = { last: undefined }

/** A task that is ready to be timed, and walks on through the requests from run to run. */
export class TimedTask {
  readonly call: Call
  readonly inFlight: number
  readonly #places: number
  #place = 0
  #batch = 1

  /** @param places length of the walk. */
  constructor(call: Call, inFlight: number, places: number) {
    this.call = call
    this.inFlight = inFlight
    this.#places = places
  }

  /** Calls it for `ms`, and doubles the calls of a sample until one takes long enough. */
  async warmUp(ms: number): Promise<void> {
    const end = performance.now() + ms
    this.#batch = this.inFlight === 1 ? 1 : this.inFlight * callsPerWorker
    do {
      const sample = this.call.async ? await this.#sampleAsync() : this.#sample()
      if (sample.overriddenIterationCost < leastSampleMs && this.#batch < largestBatch) this.#batch *= 2
    } while (performance.now() < end)
  }

  /**
   * One short run of tinybench. Its samples are means of batches; CPU is read around all of them, outside of what is
   * timed.
   *
   * @throws {AuthcostError} `micro.task` when a call throws.
   */
  async run(runMs: number): Promise<MeasuredRun> {
    const { name, kind, async } = this.call
    let cpu = process.cpuUsage()
    const bench = new Bench({ time: runMs, iterations: leastSamples, warmup: false, throws: false })
    bench.add(name, async ? () => this.#sampleAsync() : () => this.#sample(), {
      async,
      beforeAll: () => {
        cpu = process.cpuUsage()
      },
      afterAll: () => {
        cpu = process.cpuUsage(cpu)
      },
    })
    const [task] = async ? await bench.run() : bench.runSync()
    const latency = latencyOf(task, name)
    const calls = latency.samplesCount * this.#batch
    return {
      task: name,
      kind,
      async,
      inFlight: this.inFlight,
      batch: this.#batch,
      samples: latency.samplesCount,
      calls,
      medianUs: latency.p50 * 1000,
      madUs: latency.mad * 1000,
      meanUs: latency.mean * 1000,
      minUs: latency.min * 1000,
      p99Us: latency.p99 * 1000,
      cpuUs: (cpu.user + cpu.system) / calls,
    }
  }

  #next(): number {
    const place = this.#place
    this.#place = place + 1 === this.#places ? 0 : place + 1
    return place
  }

  #sample(): Sample {
    const { call } = this.call
    const beganMs = performance.now()
    for (let i = 0; i < this.#batch; i++) sink.last = call(this.#next())
    return sampleOf(performance.now() - beganMs, this.#batch)
  }

  async #sampleAsync(): Promise<Sample> {
    const { call } = this.call
    let left = this.#batch
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left--
        await call(this.#next())
      }
    }
    const beganMs = performance.now()
    await Promise.all(Array.from({ length: this.inFlight }, worker))
    return sampleOf(performance.now() - beganMs, this.#batch)
  }
}

type Sample = Required<FnReturnedObject>

/** tinybench takes the mean of the batch as its sample, and the whole of it from the time it was given. */
const sampleOf = (elapsedMs: number, batch: number): Sample => ({
  overriddenDuration: elapsedMs / batch,
  overriddenIterationCost: elapsedMs,
})

type Latency = Extract<Task['result'], { readonly state: 'completed' }>['latency']

function latencyOf(task: Task | undefined, name: string): Latency {
  const result = task?.result
  if (result?.state === 'completed') return result.latency
  const cause = result?.state === 'errored' ? result.error : undefined
  throw new AuthcostError(
    'micro.task',
    `"${name}" could not be timed: ${cause?.message ?? 'tinybench gave no result'}`,
    {
      cause,
    },
  )
}
