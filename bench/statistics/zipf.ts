import type { Random } from './random.ts'
import { shuffle } from './random.ts'

export interface Zipf {
  /** The next user, 1..users. */
  draw(random: Random): number
}

/**
 * Draws users whose popularity follows Zipf's law: rank r has a weight of r^-exponent. Which user has which rank is a
 * seeded permutation, so that popular users do not lie beside one another in the table.
 *
 * @param userOfRank element r is the user of rank r
 * @param exponent >= 0; 0 draws all alike, 1 is the classic law
 */
export function createZipf(userOfRank: readonly number[], exponent: number): Zipf {
  const users = userOfRank.length
  const cumulative = new Float64Array(users)
  let total = 0
  for (let rank = 0; rank < users; rank++) {
    total += (rank + 1) ** -exponent
    cumulative[rank] = total
  }
  return {
    draw: (random) => {
      const target = random.next() * total
      // The first rank whose cumulative weight exceeds the target.
      let low = 0
      let high = users - 1
      while (low < high) {
        const middle = (low + high) >> 1
        if ((cumulative[middle] ?? 0) > target) high = middle
        else low = middle + 1
      }
      return userOfRank[low] ?? 1
    },
  }
}

/** A random order of the users 1..users. */
export const ranks = (users: number, random: Random): readonly number[] =>
  shuffle(
    Array.from({ length: users }, (_, index) => index + 1),
    random,
  )
