import type { LoadDriver } from '../load/load-driver.ts'
import type { LoadResult } from '../load/protocol.ts'
import type { ClosedLoopRequest, Load, OpenLoopRequest } from './probes.ts'

/** A server the driver is to load: its key, its address, and whose credentials it accepts. */
export interface LoadTarget {
  readonly key: string
  readonly url: string
  /** Variant id under which the driver holds the credentials. */
  readonly credentials: string
}

/** The real load: autocannon for saturation, plain sockets for one connection and for the open loop. */
export class DriverLoad implements Load {
  readonly #driver: LoadDriver
  readonly #targets: ReadonlyMap<string, LoadTarget>
  readonly #opened = new Set<string>()

  constructor(driver: LoadDriver, targets: readonly LoadTarget[]) {
    this.#driver = driver
    this.#targets = new Map(targets.map((target) => [target.key, target]))
  }

  /** Opens every connection of the closed loop beforehand, so that no window pays for it. */
  async open(connections: number): Promise<void> {
    for (const key of this.#targets.keys()) await this.#open(key, key, connections, 'autocannon')
  }

  saturate(key: string, request: ClosedLoopRequest): Promise<LoadResult> {
    return this.#driver.closedLoop({ target: key, ...request })
  }

  async unloaded(key: string, request: ClosedLoopRequest): Promise<LoadResult> {
    const name = `${key}/unloaded`
    if (!this.#opened.has(name)) await this.#open(key, name, 1, 'raw')
    return this.#driver.closedLoop({ target: name, ...request })
  }

  openLoop(key: string, request: OpenLoopRequest): Promise<LoadResult> {
    return this.#driver.openLoop({ target: key, ...request })
  }

  async close(): Promise<void> {
    for (const name of this.#opened) await this.#driver.close(name)
    this.#opened.clear()
  }

  async #open(key: string, name: string, connections: number, driver: 'autocannon' | 'raw'): Promise<void> {
    const target = this.#targets.get(key)
    if (target === undefined) return
    await this.#driver.open({ target: name, variant: target.credentials, url: target.url, connections, driver })
    this.#opened.add(name)
  }
}
