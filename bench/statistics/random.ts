/** A stream of pseudo-random numbers that a seed fixes. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number
  /** Uniform integer in 0..bound-1. */
  below(bound: number): number
  /** Standard normal (Marsaglia's polar method). */
  normal(): number
  /** Exponential with mean 1. */
  exponential(): number
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand), its state filled by splitmix32 so that neighbouring seeds do not resemble one
 * another.
 *
 * @param seed a non-negative integer; recorded with the run.
 * @param stream names an independent stream of the same seed, so that adding a draw in one place moves no other.
 */
export function createRandom(seed: number, stream = ''): Random {
  let mixed = (seed ^ (Math.floor(seed / 2 ** 32) * 0x9e3779b9)) >>> 0
  for (let i = 0; i < stream.length; i++)
    mixed = (Math.imul(mixed ^ stream.charCodeAt(i), 0x01000193) + 0x9e3779b9) >>> 0
  const splitmix = (): number => {
    mixed = (mixed + 0x9e3779b9) >>> 0
    let z = mixed
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) | 0
  }
  let a = splitmix()
  let b = splitmix()
  let c = splitmix()
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }
  // The reference implementation discards 12 values, after which the state is mixed.
  for (let i = 0; i < 12; i++) next()

  let spare: number | undefined
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare
      spare = undefined
      return kept
    }
    for (;;) {
      const u = 2 * next() - 1
      const v = 2 * next() - 1
      const s = u * u + v * v
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s)
        spare = v * factor
        return u * factor
      }
    }
  }
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    normal,
    exponential: () => -Math.log(1 - next()),
  }
}

/** A copy of `items` in random order, every order equally likely (sorted by random keys). */
export const shuffle = <T>(items: readonly T[], random: Random): T[] =>
  items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
