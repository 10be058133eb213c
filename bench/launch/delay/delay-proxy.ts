import type { AuthcostError } from '../../../servers/contract/errors.ts'
import { connectHarness } from '../../environment/connection.ts'
import { processCpuUs } from '../process-cpu.ts'
import { type AddedDelay, addedDelay, forwardingUs, type PairedRoundTrips, pairedRoundTrips } from './added-delay.ts'
import { DelayProcess } from './delay-process.ts'
import { proxiedUrl, upstreamOf } from './proxied-url.ts'

/** Pairs of round trips by which the way through the proxy is timed at the start. */
const forwardingSamples = 100

/** A database as if it were farther away: a proxy in front of it that adds to every round trip. */
export class DelayProxy implements AsyncDisposable {
  /** What each round trip should take longer, microseconds. */
  readonly delayUs: number
  /** The database's address by way of the proxy, with credentials: never logged, never recorded. */
  readonly url: string
  readonly pid: number
  /** What passing through takes by itself, microseconds: held answers are let go this much earlier. */
  readonly forwardingUs: number
  readonly #process: DelayProcess
  readonly #databaseUrl: string

  private constructor(process: DelayProcess, options: DelayProxyOptions, url: string, forwardingUs: number) {
    this.#process = process
    this.#databaseUrl = options.databaseUrl
    this.delayUs = options.delayUs
    this.url = url
    this.pid = process.child.pid
    this.forwardingUs = forwardingUs
  }

  /**
   * Starts a proxy and times the way through it, which is part of what was asked for. Takes some 140 delays.
   *
   * @throws {AuthcostError} `usage.db-delay` (exit code 2) for an address that cannot be proxied; `launch.*`, `postgres.*`.
   */
  static async start(options: DelayProxyOptions): Promise<DelayProxy> {
    const process = await DelayProcess.start(upstreamOf(options.databaseUrl), options.delayUs)
    try {
      const url = proxiedUrl(options.databaseUrl, process.port)
      const forwarding = forwardingUs(await timed(options.databaseUrl, url, forwardingSamples), options.delayUs)
      await process.setDelay(options.delayUs - forwarding)
      return new DelayProxy(process, options, url, forwarding)
    } catch (error) {
      await process[Symbol.asyncDispose]()
      throw error
    }
  }

  /** CPU of all its threads since it started, microseconds. Reading it costs the proxy nothing where there is a `/proc`. */
  async cpuUs(): Promise<number> {
    const cpuUs = processCpuUs(this.pid)
    return typeof cpuUs === 'number' ? cpuUs : (await this.#process.counters()).cpuUs
  }

  /** How much too late its last sleeps ended: median, microseconds. Subtracted already. */
  async overshootUs(): Promise<number> {
    return (await this.#process.counters()).overshootUs
  }

  /** What it really adds to the round trip of a trivial prepared query. Not while anything is measured. */
  async measure(samples: number): Promise<AddedDelay> {
    return addedDelay(await timed(this.#databaseUrl, this.url, samples))
  }

  /** Called once if it ends without having been stopped. */
  onUnexpectedExit(listener: (error: AuthcostError) => void): void {
    this.#process.child.onUnexpectedExit(listener)
  }

  async stop(): Promise<void> {
    await this.#process[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

export interface DelayProxyOptions {
  /** Address of the database itself. */
  readonly databaseUrl: string
  /** Above 0: no delay needs no proxy. */
  readonly delayUs: number
}

async function timed(databaseUrl: string, url: string, samples: number): Promise<PairedRoundTrips> {
  const direct = await connectHarness(databaseUrl)
  try {
    const proxied = await connectHarness(url)
    try {
      return await pairedRoundTrips(direct, proxied, samples)
    } finally {
      await proxied.end().catch(() => undefined)
    }
  } finally {
    await direct.end().catch(() => undefined)
  }
}
