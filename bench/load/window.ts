import { DurationRecorder } from '../../servers/contract/duration-recorder.ts'
import type { BadKind } from '../record/slice.ts'
import type { LoadResult } from './protocol.ts'

/** Three significant digits, as HdrHistogram counts them: 2^10 sub-buckets an octave. */
const latencySubBucketBits = 10

/**
 * What is counted while a window is open. One object lives as long as the driver and is reset for each window, so
 * that measuring allocates nothing and memory stays flat however many responses come.
 */
export class Window {
  requests = 0
  errors = 0
  non2xx = 0
  wrongBodies = 0
  /** Answers to requests that have to be refused. */
  badRequests = 0
  falseAccepts = 0
  wrongRefusals = 0
  readonly acceptedKinds = new Set<BadKind>()
  /** Open loop: requests that were due while all connections were busy. */
  waitedForConnection = 0
  bytesReceived = 0
  bytesSent = 0
  readonly #latency = new DurationRecorder(latencySubBucketBits)
  readonly #lag = new DurationRecorder(latencySubBucketBits)
  #latencySumNs = 0
  #lagSumNs = 0
  #lags = 0
  #startedAtMs = 0
  #startNs = 0
  #cpu: NodeJS.CpuUsage = { user: 0, system: 0 }

  open(): void {
    this.requests = this.errors = this.non2xx = this.wrongBodies = 0
    this.badRequests = this.falseAccepts = this.wrongRefusals = 0
    this.acceptedKinds.clear()
    this.bytesReceived = this.bytesSent = this.waitedForConnection = 0
    this.#latencySumNs = this.#lagSumNs = this.#lags = 0
    this.#latency.reset()
    this.#lag.reset()
    this.#startedAtMs = Date.now()
    this.#cpu = process.cpuUsage()
    this.#startNs = nowNs()
  }

  get startNs(): number {
    return this.#startNs
  }

  latency(durationNs: number): void {
    this.#latency.record(durationNs)
    this.#latencySumNs += durationNs
  }

  scheduleLag(durationNs: number): void {
    this.#lag.record(durationNs)
    this.#lagSumNs += durationNs
    this.#lags++
  }

  /** @param endNs when the last response was received */
  close(endNs: number, idleTurnShare: number, unsent: number | undefined): LoadResult {
    const cpu = process.cpuUsage(this.#cpu)
    const durationMs = Math.max((endNs - this.#startNs) / 1e6, 1e-3)
    return {
      startedAt: new Date(this.#startedAtMs).toISOString(),
      durationMs,
      requests: this.requests,
      errors: this.errors,
      non2xx: this.non2xx,
      wrongBodies: this.wrongBodies,
      ...(this.badRequests === 0
        ? {}
        : {
            badTraffic: {
              requests: this.badRequests,
              falseAccepts: this.falseAccepts,
              acceptedKinds: [...this.acceptedKinds],
              wrongRefusals: this.wrongRefusals,
              falseRefusals: this.non2xx,
            },
          }),
      latency: { counts: this.#latency.counts(), meanNs: this.requests === 0 ? 0 : this.#latencySumNs / this.requests },
      ...(unsent === undefined
        ? {}
        : {
            unsent,
            waitedForConnection: this.waitedForConnection,
            scheduleLag: { counts: this.#lag.counts(), meanNs: this.#lags === 0 ? 0 : this.#lagSumNs / this.#lags },
          }),
      driverCpuUs: cpu.user + cpu.system,
      idleTurnShare,
      bytesSent: this.bytesSent,
      bytesReceived: this.bytesReceived,
      clockStepMs: Date.now() - this.#startedAtMs - (nowNs() - this.#startNs) / 1e6,
    }
  }
}

/** Monotonic time in nanoseconds as a float: 2^53 ns are 104 days. */
export const nowNs = (): number => performance.now() * 1e6
