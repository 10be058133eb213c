import { sequenceLength } from '../plan/sequence-length.ts'
import { createRandom } from '../statistics/random.ts'
import { createZipf, ranks } from '../statistics/zipf.ts'

export interface WalkOptions {
  readonly seed: number
  readonly zipfExponent: number
  readonly users: number
  readonly connections: number
  /** Names the restart. */
  readonly walk: string
  /** Names the load. */
  readonly kind: string
}

/**
 * Whom each connection asks for. It depends on seed, restart and connection, never on the variant: every variant of a
 * restart sees the same users, and what depends on who they are (bytes, cache hits) varies between restarts as it does
 * between seeds. So they are drawn once for all servers of a restart.
 */
export class Walks {
  #walk: string | undefined
  readonly #drawn = new Map<string, readonly Uint32Array[]>()

  /** @returns one sequence of indexes of users (user - 1) per connection, shared: not to be changed */
  sequences(options: WalkOptions): readonly Uint32Array[] {
    const { walk, kind, connections, seed, zipfExponent, users } = options
    if (walk !== this.#walk) this.#drawn.clear()
    this.#walk = walk
    const key = [kind, connections, seed, zipfExponent, users].join(' ')
    const known = this.#drawn.get(key)
    if (known !== undefined) return known
    const drawn = draw(options)
    this.#drawn.set(key, drawn)
    return drawn
  }
}

function draw({ seed, zipfExponent, users, connections, walk, kind }: WalkOptions): readonly Uint32Array[] {
  const zipf = createZipf(ranks(users, createRandom(seed, `ranks/${walk}`)), zipfExponent)
  return Array.from({ length: connections }, (_, connection) => {
    const random = createRandom(seed, `${kind}/${walk}/${connection}`)
    return Uint32Array.from({ length: sequenceLength }, () => zipf.draw(random) - 1)
  })
}
