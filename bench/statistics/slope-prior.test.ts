import { expect, it } from 'vitest'
import { createRandom } from './random.ts'
import { mean, standardDeviation } from './samples.ts'
import { betweenKinds, betweenRuns, slopeAfter, slopeOfKind, unknownMachine } from './slope-prior.ts'

it('of a machine that nothing is known of, is that of any machine', () => {
  expect(slopeAfter([])).toEqual(unknownMachine)
})

it('goes towards what runs found, by how well they knew it, and never beyond how runs differ', () => {
  const vague = slopeAfter([{ slope: 1.9, standardError: 1 }])
  const sharp = slopeAfter([{ slope: 1.9, standardError: 0.1 }])
  expect(vague.mean).toBeLessThan(1.3)
  expect(sharp.mean).toBeGreaterThan(1.6)
  expect(sharp.standardDeviation).toBeLessThan(vague.standardDeviation)
  const many = slopeAfter(Array.from({ length: 20 }, () => ({ slope: 1.9, standardError: 0.1 })))
  expect(many.mean).toBeCloseTo(1.9, 1)
  expect(many.standardDeviation).toBeGreaterThan(betweenRuns)
  expect(many.standardDeviation).toBeLessThan(1.1 * betweenRuns)
})

it('is as uncertain as the next run shows', () => {
  const random = createRandom(1, 'slopes')
  // Machines as the prior has them, runs around their machine's mean, each read with an error.
  const ofMachine = Math.sqrt(unknownMachine.standardDeviation ** 2 - betweenRuns ** 2)
  const surprises = Array.from({ length: 20_000 }, () => {
    const machine = unknownMachine.mean + ofMachine * random.normal()
    const next = (): number => machine + betweenRuns * random.normal()
    const earlier = Array.from({ length: 3 }, () => ({ slope: next() + 0.2 * random.normal(), standardError: 0.2 }))
    const known = slopeAfter(earlier)
    return (next() - known.mean) / known.standardDeviation
  })
  expect(mean(surprises)).toBeCloseTo(0, 1)
  expect(standardDeviation(surprises)).toBeCloseTo(1, 1)
})

it('of one kind of requests lies between the common one and its own, by how well that is known', () => {
  const own = (standardError: number) => ({ slope: 2, standardError, degreesOfFreedom: 9 })
  expect(slopeOfKind(1, undefined)).toEqual({ slope: 1, halfWidth: expect.closeTo(1.96 * betweenKinds, 3) })
  expect(slopeOfKind(1, own(0.02)).slope).toBeGreaterThan(1.95)
  expect(slopeOfKind(1, own(0.02)).halfWidth).toBeLessThan(0.05)
  expect(slopeOfKind(1, own(3)).slope).toBeLessThan(1.02)
})

it('of kinds is as uncertain as their true slopes show', () => {
  const random = createRandom(2, 'kinds')
  const [common, standardError] = [1.2, 0.2]
  const outside = Array.from({ length: 20_000 }, () => {
    const truth = common + betweenKinds * random.normal()
    // As if known from very many restarts.
    const own = { slope: truth + standardError * random.normal(), standardError, degreesOfFreedom: 1e6 }
    const { slope, halfWidth } = slopeOfKind(common, own)
    return Math.abs(truth - slope) > halfWidth
  })
  expect(mean(outside.map(Number))).toBeCloseTo(0.05, 2)
})
