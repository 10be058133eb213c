import { AuthcostError } from '../../servers/contract/errors.ts'
import { arrivalTimesNs } from '../statistics/arrivals.ts'
import { createRandom } from '../statistics/random.ts'
import { createZipf, ranks } from '../statistics/zipf.ts'
import { AutocannonConnections } from './autocannon-connections.ts'
import { type ClosedLoopConnections, closedLoop } from './closed-loop.ts'
import { OpenLoopConnections, openLoopConnections } from './open-loop.ts'
import type { LoadResult, ToDriver } from './protocol.ts'
import { RawConnections } from './raw-connections.ts'
import { type RequestSet, requestBytes, sequenceLength } from './request-set.ts'
import { Window } from './window.ts'

type Message<T extends ToDriver['type']> = Extract<ToDriver, { type: T }>

interface Target {
  readonly url: string
  readonly variant: string
  readonly closed: ClosedLoopConnections
  open: OpenLoopConnections | undefined
}

/** Everything the driver process knows: the population, each variant's credentials, the connections to each server. */
export class DriverState {
  readonly #window = new Window()
  readonly #credentials = new Map<string, readonly Readonly<Record<string, string>>[]>()
  readonly #targets = new Map<string, Target>()
  #population: Message<'population'> | undefined

  setPopulation(message: Message<'population'>): void {
    this.#population = message
  }

  setCredentials(message: Message<'credentials'>): void {
    this.#credentials.set(message.variant, message.requestHeaders)
  }

  async open(message: Message<'open'>): Promise<void> {
    const set = this.#requestSet(message.variant, message.url, message.connections, `closed/${message.target}`)
    const closed =
      message.driver === 'autocannon'
        ? new AutocannonConnections(message.url, set, this.#window)
        : await RawConnections.open(message.url, set, this.#window)
    await closed.hold()
    this.#targets.set(message.target, { url: message.url, variant: message.variant, closed, open: undefined })
  }

  closedLoop(message: Message<'closed-loop'>): Promise<LoadResult> {
    return closedLoop(this.#target(message.target).closed, this.#window, message)
  }

  async openLoop(message: Message<'open-loop'>): Promise<LoadResult> {
    const target = this.#target(message.target)
    if (target.open === undefined) {
      const set = this.#requestSet(target.variant, target.url, openLoopConnections, `open/${message.target}`)
      target.open = await OpenLoopConnections.open(target.url, set, this.#window)
    }
    const due = arrivalTimesNs({
      requestsPerSecond: message.requestsPerSecond,
      durationMs: message.durationMs,
      arrivals: message.arrivals,
      seed: message.seed,
    })
    return target.open.run(due, message.durationMs)
  }

  async close(message: Message<'close'>): Promise<void> {
    const target = this.#targets.get(message.target)
    this.#targets.delete(message.target)
    await target?.closed.close()
    await target?.open?.close()
  }

  #target(name: string): Target {
    const target = this.#targets.get(name)
    if (target === undefined) throw new AuthcostError('load.target', `The driver has no connections to "${name}".`)
    return target
  }

  #requestSet(variant: string, url: string, connections: number, stream: string): RequestSet {
    const population = this.#population
    const credentials = this.#credentials.get(variant)
    if (population === undefined || credentials === undefined) {
      throw new AuthcostError('load.credentials', `The driver was given no credentials for ${variant}.`)
    }
    const { host } = new URL(url)
    // The walk depends on the seed and the connection, never on the variant: every variant sees the same users.
    const kind = stream.slice(0, stream.indexOf('/'))
    const userOfRank = ranks(credentials.length, createRandom(population.seed, 'ranks'))
    return {
      requests: credentials.map((headers) => requestBytes(host, headers)),
      expectedBodies: population.expectedBodies,
      sequences: Array.from({ length: connections }, (_, connection) => {
        const random = createRandom(population.seed, `${kind}/${connection}`)
        const zipf = createZipf(credentials.length, population.zipfExponent, random, userOfRank)
        return Uint32Array.from({ length: sequenceLength }, () => zipf.draw() - 1)
      }),
    }
  }
}
