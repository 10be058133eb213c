import { pinProcess } from '../../environment/pinning.ts'
import type { Absent, CoreSpeed } from '../../record/slice.ts'
import { asker } from '../ask.ts'
import { Child } from '../child.ts'
import { readingOf } from './core-speed-reading.ts'
import { type FromSpeedProbe, fromSpeedProbeSchema, type ToSpeedProbe } from './speed-probe-protocol.ts'

const ask = asker<ToSpeedProbe, FromSpeedProbe>(fromSpeedProbeSchema)

/** No optimizing compiler: the work has to stay the same from the first slice to the last. */
const speedProbeFlags: readonly string[] = ['--no-opt', '--no-maglev']

/**
 * How fast the servers' cores are while a slice is measured: a process of its own on the same cores does a fixed piece of
 * work now and then. It never looks at what is measured, so what it says may be held against it (docs/method.md).
 * Where it fails, the run goes on without.
 */
export class SpeedProbe implements AsyncDisposable {
  readonly pid: number
  readonly #child: Child

  private constructor(child: Child) {
    this.#child = child
    this.pid = child.pid
  }

  static async start(): Promise<SpeedProbe> {
    return new SpeedProbe(
      await Child.start({
        name: 'speed probe',
        entry: 'bench/launch/core-speed/speed-probe-process.ts',
        nodeFlags: speedProbeFlags,
      }),
    )
  }

  /**
   * One on these cores and no others.
   *
   * @param cpus a list as `taskset -c` takes it
   * @returns absent with the reason where it cannot be kept to them.
   */
  static async startOn(cpus: string): Promise<SpeedProbe | Absent> {
    const probe = await SpeedProbe.start()
    const failure = await pinProcess(probe.pid, cpus)
    if (failure === undefined) return probe
    await probe[Symbol.asyncDispose]()
    return failure
  }

  /** Samples from now on; a failure shows at the end. */
  async begin(): Promise<void> {
    await ask(this.#child, { type: 'begin' }, 'begun', 5000).catch(() => undefined)
  }

  /** What was found since {@link begin}. */
  async end(): Promise<Omit<CoreSpeed, 'sharedCores'> | Absent> {
    try {
      return readingOf(await ask(this.#child, { type: 'end' }, 'samples', 5000))
    } catch (error) {
      return { absent: error instanceof Error ? error.message : String(error) }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop(500)
  }
}
