import { AuthcostError } from '../../servers/contract/errors.ts'
import type { BadKind } from '../record/slice.ts'
import { arrivalTimesNs } from '../statistics/arrivals.ts'
import { createRandom } from '../statistics/random.ts'
import { AutocannonConnections } from './autocannon-connections.ts'
import { AwakeLoop } from './awake.ts'
import { CallConnection } from './call-connection.ts'
import { type ClosedLoopConnections, closedLoop } from './closed-loop.ts'
import { OpenLoopConnections } from './open-loop.ts'
import type { CallsResult, LoadResult, ToDriver } from './protocol.ts'
import { RawConnections } from './raw-connections.ts'
import { rehearse } from './rehearse.ts'
import { Renewing } from './renewing.ts'
import { mixBadRequests, type RequestSet, requestBytes } from './request-set.ts'
import { Walks } from './walks.ts'
import { warmUpTogether } from './warm-up-together.ts'
import { nowNs, Window } from './window.ts'

type Message<T extends ToDriver['type']> = Extract<ToDriver, { type: T }>

type Target =
  | {
      readonly kind: 'closed'
      readonly connections: ClosedLoopConnections
      readonly requestsKey: string
      /** How many servers its connections lead to. */
      readonly instances: number
    }
  | {
      readonly kind: 'open'
      readonly connections: OpenLoopConnections
      readonly requestsKey: string
      readonly renewing: Renewing | undefined
    }
  | { readonly kind: 'calls'; readonly connections: CallConnection; readonly requestsKey?: never }

/** Everything the driver process knows: the population, each variant's credentials, the connections to each server. */
export class DriverState {
  readonly #window = new Window()
  /** Without a window: as a neighbour for something that is measured otherwise. */
  readonly #awake = new AwakeLoop()
  readonly #credentials = new Map<string, readonly Readonly<Record<string, string>>[]>()
  readonly #badCredentials = new Map<string, Message<'bad-credentials'>['credentials']>()
  readonly #renewals = new Map<string, Message<'renewals'>>()
  /** Good requests of a variant at one address, shared by all targets there: they are most of the driver's memory. */
  readonly #goodRequests = new Map<string, readonly Buffer[]>()
  readonly #walks = new Walks()
  readonly #targets = new Map<string, Target>()
  #population: Message<'population'> | undefined

  setPopulation(message: Message<'population'>): void {
    this.#population = message
  }

  setCredentials(message: Message<'credentials'>): void {
    this.#credentials.set(message.variant, message.requestHeaders)
    for (const key of this.#goodRequests.keys()) {
      if (key.startsWith(`${message.variant} `)) this.#goodRequests.delete(key)
    }
  }

  setBadCredentials(message: Message<'bad-credentials'>): void {
    this.#badCredentials.set(message.variant, message.credentials)
  }

  setRenewals(message: Message<'renewals'>): void {
    this.#renewals.set(message.variant, message)
  }

  rehearse(): Promise<void> {
    return rehearse(this.#window, { requestsPerSecond: 3000, durationMs: 800 })
  }

  /** Every connection is opened and has had an answer before a window counts on it. */
  async open(message: Message<'open'>): Promise<void> {
    const { urls, driver, target } = message
    const set = this.#requestSet(message, driver === 'open-loop' ? 'open' : 'closed')
    const requestsKey = keyOf(message)
    if (driver === 'open-loop') {
      const renewing = this.#renewing(message)
      const connections = await OpenLoopConnections.open(urls, set, this.#window, renewing)
      await connections.run(new Float64Array(message.connections), 1000)
      this.#targets.set(target, { kind: 'open', connections, requestsKey, renewing })
      return
    }
    const connections =
      driver === 'autocannon'
        ? new AutocannonConnections(urls, set, this.#window)
        : await RawConnections.open(urls, set, this.#window)
    if (driver === 'raw') connections.release()
    await connections.hold()
    this.#targets.set(target, { kind: 'closed', connections, requestsKey, instances: urls.length })
  }

  keepAwake({ on }: Message<'keep-awake'>): void {
    if (on) this.#awake.start(() => 0)
    else this.#awake.stop()
  }

  async openCalls({ target, url }: Message<'open-calls'>): Promise<void> {
    this.#targets.set(target, { kind: 'calls', connections: await CallConnection.open(url) })
  }

  calls({ target: name, requests, order, keepAnswers }: Message<'calls'>): Promise<CallsResult> {
    const target = this.#targets.get(name)
    if (target?.kind !== 'calls') throw noTarget(name)
    const prepared = requests.map((request) => Buffer.from(request, 'latin1'))
    const sequence = order.map((index) => {
      const request = prepared[index]
      if (request === undefined) throw new AuthcostError('load.calls', `There is no request ${index} to send.`)
      return request
    })
    return target.connections.send(sequence, keepAnswers)
  }

  async warmUp(message: Message<'warm-up'>): Promise<void> {
    const targets = message.targets.map((name) => this.#closed(name))
    await warmUpTogether(targets, this.#window, message)
  }

  closedLoop(message: Message<'closed-loop'>): Promise<LoadResult> {
    return closedLoop(this.#closed(message.target).connections, this.#window, message)
  }

  openLoop(message: Message<'open-loop'>): Promise<LoadResult> {
    const target = this.#targets.get(message.target)
    if (target?.kind !== 'open') throw noTarget(message.target)
    const { lapsedShare: share, seed } = message
    const drawn = share === undefined ? undefined : { share, random: createRandom(seed, 'lapses') }
    target.renewing?.drawLapses(drawn, nowNs())
    return target.connections.run(arrivalTimesNs(message), message.durationMs)
  }

  async close(message: Message<'close'>): Promise<void> {
    const target = this.#targets.get(message.target)
    this.#targets.delete(message.target)
    const key = target?.requestsKey
    const inUse = [...this.#targets.values()].some(({ requestsKey }) => requestsKey === key)
    if (key !== undefined && !inUse) this.#goodRequests.delete(key)
    await target?.connections.close()
  }

  #closed(name: string): Extract<Target, { kind: 'closed' }> {
    const target = this.#targets.get(name)
    if (target?.kind !== 'closed') throw noTarget(name)
    return target
  }

  #requestSet(message: Message<'open'>, kind: string): RequestSet {
    const { variant, connections, walk, badShare, badKind } = message
    const population = this.#population
    const all = this.#credentials.get(variant)
    // Only some have credentials to come with.
    const credentials =
      message.renewEveryMs === undefined ? all : all?.slice(0, this.#renewalsOf(variant).generations[0]?.length)
    if (population === undefined || credentials === undefined) {
      throw new AuthcostError('load.credentials', `The driver was given no credentials for ${variant}.`)
    }
    const host = hostOf(message)
    const good = this.#goodRequests.get(keyOf(message)) ?? (all ?? []).map((headers) => requestBytes(host, headers))
    this.#goodRequests.set(keyOf(message), good)
    const bad = badShare === undefined ? [] : this.#badCredentialsOf(variant, badKind)
    const badKinds = bad.map((one) => one.kind)
    const walks = this.#walks.sequences({ ...population, users: credentials.length, connections, walk, kind })
    const mixed = (sequence: Uint32Array, connection: number) => {
      const random = createRandom(population.seed, `bad/${kind}/${walk}/${connection}`)
      return mixBadRequests(sequence, { goodRequests: good.length, badKinds }, badShare ?? 0, random)
    }
    return {
      requests: [...good, ...bad.map(({ requestHeaders }) => requestBytes(host, requestHeaders))],
      goodRequests: good.length,
      badKinds,
      expectedBodies: population.expectedBodies,
      sequences: badShare === undefined ? walks : walks.map(mixed),
    }
  }

  #renewing(message: Message<'open'>): Renewing | undefined {
    const { renewEveryMs, walk } = message
    const population = this.#population
    if (renewEveryMs === undefined || population === undefined) return undefined
    const host = hostOf(message)
    const { generations, lapsed } = this.#renewalsOf(message.variant)
    const bytesOf = (users: (typeof generations)[number]) => users.map((headers) => requestBytes(host, headers))
    const lapses =
      lapsed === undefined
        ? undefined
        : { requests: bytesOf(lapsed), random: createRandom(population.seed, `lapses/${walk}`) }
    return new Renewing(generations.map(bytesOf), renewEveryMs, lapses)
  }

  #renewalsOf(variant: string): Message<'renewals'> {
    const renewals = this.#renewals.get(variant)
    if (renewals !== undefined) return renewals
    throw new AuthcostError('load.renewals', `The driver was given no new credentials for ${variant}.`)
  }

  #badCredentialsOf(variant: string, only: BadKind | undefined): Message<'bad-credentials'>['credentials'] {
    const bad = (this.#badCredentials.get(variant) ?? []).filter(({ kind }) => only === undefined || kind === only)
    if (bad.length > 0) return bad
    throw new AuthcostError(
      'load.bad-credentials',
      `The driver was given no ${only === undefined ? '' : `${only} `}bad credentials for ${variant}.`,
    )
  }
}

/** All instances are asked for under one name, as behind a load balancer. */
const hostOf = ({ urls: [first = ''] }: Pick<Message<'open'>, 'urls'>): string => new URL(first).host

const keyOf = (message: Pick<Message<'open'>, 'variant' | 'urls'>): string => `${message.variant} ${hostOf(message)}`

const noTarget = (name: string): AuthcostError =>
  new AuthcostError('load.target', `The driver has no connections to "${name}" for this kind of load.`)
