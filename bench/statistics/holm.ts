/**
 * Holm's step-down adjustment (Holm 1979): rejecting where the adjusted p is below alpha keeps the chance of any false
 * rejection in the family at alpha, whatever the dependence between the tests.
 *
 * @param ps two-sided p of each test, 0..1
 * @returns adjusted p in the order given
 */
export function holmAdjusted(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  const adjusted = new Array<number>(ps.length).fill(1)
  let highest = 0
  order.forEach(({ p, index }, rank) => {
    highest = Math.max(highest, Math.min(1, (ps.length - rank) * p))
    adjusted[index] = highest
  })
  return adjusted
}
