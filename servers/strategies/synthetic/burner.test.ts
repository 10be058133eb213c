import { describe, expect, it } from 'vitest'
import { createBurner } from './burner.ts'

/** A machine on which clock and scheduler say what they are told to, one reading after the other. */
function machineSaying(clock: readonly number[], putAside: readonly number[]) {
  const [times, counts] = [[...clock], [...putAside]]
  return { now: () => times.shift() ?? Number.NaN, timesPutAside: () => counts.shift() ?? Number.NaN }
}

describe('what a burn came to', () => {
  it('is what passed until the loop saw its end', () => {
    const burn = createBurner(0.01, machineSaying([5, 5.004, 5.0101], [0]))
    expect(burn()).toBeCloseTo(0.0101, 9)
  })

  it('holds an interrupt, which the kernel charges to the process, and the asking for what it was', () => {
    const burn = createBurner(0.01, machineSaying([5, 5.004, 5.054, 5.056], [3, 3]))
    expect(burn()).toBeCloseTo(0.056, 9)
  })

  it('does not hold time in which the process was put aside, only the asking', () => {
    const burn = createBurner(0.01, machineSaying([5, 5.004, 9.004, 9.006], [3, 4]))
    expect(burn()).toBeCloseTo(0.012, 9)
  })

  it('holds the interrupt of the next call again', () => {
    const burn = createBurner(0.01, machineSaying([5, 9, 9.002, 10, 10.05, 10.053], [3, 4, 4]))
    expect([burn(), burn()]).toEqual([expect.closeTo(0.012, 9), expect.closeTo(0.053, 9)])
  })

  it('really passes the time asked for', () => {
    const start = performance.now()
    expect(createBurner(0.2)()).toBeGreaterThanOrEqual(0.2)
    expect(performance.now() - start).toBeGreaterThanOrEqual(0.2)
  })
})
