import type { LoadDriver } from '../load/load-driver.ts'
import type { LoadResult } from '../load/protocol.ts'
import { openLoopConnections } from '../plan/planned-load.ts'
import type { BadKind, LoadMode } from '../record/slice.ts'
import type { ClosedLoopRequest, Load, OpenLoopRequest } from './probes.ts'

/** A server the driver is to load: its key, its addresses, and whose credentials it accepts. */
export interface LoadTarget {
  readonly key: string
  /** One for each app instance. */
  readonly urls: readonly string[]
  /** Variant id under which the driver holds the credentials. */
  readonly credentials: string
  /** What it has to refuse of single kinds; absent: none of them are sent. */
  readonly badKinds?: readonly BadKind[]
}

/** Traffic with requests that have to be refused: of one kind, or of all in equal parts. */
export interface BadMix {
  readonly badShare: number
  readonly badKind?: BadKind | undefined
}

/** The real load: autocannon for saturation, plain sockets for one connection and for the open loop. */
export class DriverLoad implements Load {
  readonly #driver: LoadDriver
  readonly #walk: string
  readonly #targets: ReadonlyMap<string, LoadTarget>
  readonly #opened = new Set<string>()

  /** @param walk names the users drawn: the same for all servers of a restart, another for the next */
  constructor(driver: LoadDriver, targets: readonly LoadTarget[], walk: string) {
    this.#driver = driver
    this.#walk = walk
    this.#targets = new Map(targets.map((target) => [target.key, target]))
  }

  /** Opens every connection the loads will need, so that no window pays for it; to all servers side by side. */
  async open(modes: ReadonlySet<LoadMode>, connections: number, badMixes: readonly BadMix[] = []): Promise<void> {
    await Promise.all(
      [...this.#targets.values()].map((target) => this.#openTarget(target, modes, connections, badMixes)),
    )
  }

  async #openTarget(
    { key, badKinds = [] }: LoadTarget,
    modes: ReadonlySet<LoadMode>,
    connections: number,
    badMixes: readonly BadMix[],
  ): Promise<void> {
    // Warming up saturates, whatever is measured later.
    await this.#open(key, targetName(key, 'saturation'), connections, 'autocannon')
    if (modes.has('unloaded')) await this.#open(key, targetName(key, 'unloaded'), 1, 'raw')
    if (modes.has('fixed-rate')) await this.#open(key, targetName(key, 'fixed-rate'), openLoopConnections, 'open-loop')
    for (const mix of badMixes) {
      if (mix.badKind !== undefined && !badKinds.includes(mix.badKind)) continue
      await this.#open(key, badTargetName(key, mix), connections, 'autocannon', mix)
    }
  }

  warmUp(request: { readonly responses: number; readonly maxDurationMs: number }): Promise<void> {
    return this.#driver.warmUp({
      targets: [...this.#targets.keys()].map((key) => targetName(key, 'saturation')),
      ...request,
    })
  }

  saturate(key: string, { badShare, badKind, ...request }: ClosedLoopRequest): Promise<LoadResult> {
    const target = badShare === undefined ? targetName(key, 'saturation') : badTargetName(key, { badShare, badKind })
    return this.#driver.closedLoop({ target, ...request })
  }

  unloaded(key: string, request: ClosedLoopRequest): Promise<LoadResult> {
    return this.#driver.closedLoop({ target: targetName(key, 'unloaded'), ...request })
  }

  openLoop(key: string, request: OpenLoopRequest): Promise<LoadResult> {
    return this.#driver.openLoop({ target: targetName(key, 'fixed-rate'), ...request })
  }

  /** The same with an open loop whose clients come with a new credential after so long; ends with its disposal. */
  async renewing(key: string, everyMs: number): Promise<Load & AsyncDisposable> {
    const target = `${targetName(key, 'fixed-rate')}/renewing`
    await this.#open(key, target, openLoopConnections, 'open-loop', { renewEveryMs: everyMs })
    return {
      warmUp: (request) => this.warmUp(request),
      saturate: (server, request) => this.saturate(server, request),
      unloaded: (server, request) => this.unloaded(server, request),
      openLoop: (_, request) => this.#driver.openLoop({ target, ...request }),
      [Symbol.asyncDispose]: async () => {
        if (this.#opened.delete(target)) await this.#driver.close(target)
      },
    }
  }

  /** Where a server (the first of its instances) is reached: for tools that load it beside us. */
  urlOf(key: string): string | undefined {
    return this.#targets.get(key)?.urls[0]
  }

  async close(): Promise<void> {
    for (const name of this.#opened) await this.#driver.close(name)
    this.#opened.clear()
  }

  async #open(
    key: string,
    name: string,
    connections: number,
    driver: 'autocannon' | 'raw' | 'open-loop',
    requests: Partial<BadMix> & { readonly renewEveryMs?: number } = {},
  ): Promise<void> {
    const target = this.#targets.get(key)
    if (target === undefined) return
    await this.#driver.open({
      target: name,
      variant: target.credentials,
      urls: [...target.urls],
      connections,
      driver,
      walk: this.#walk,
      ...requests,
    })
    this.#opened.add(name)
  }
}

const badTargetName = (key: string, { badShare, badKind }: BadMix): string =>
  [targetName(key, 'bad-traffic'), badShare, ...(badKind === undefined ? [] : [badKind])].join('/')

const targetName = (key: string, mode: LoadMode): string => `${key}/${mode}`
