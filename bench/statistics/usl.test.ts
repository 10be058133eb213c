import { expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { fitUsl, type UslParameters, uslPeak, uslThroughput } from './usl.ts'

const at = (law: UslParameters, levels: readonly number[], factor = (): number => 1) =>
  levels.map((connections) => ({ connections, requestsPerSecond: uslThroughput(law, connections) * factor() }))

const fitted = (points: Parameters<typeof fitUsl>[0]): UslParameters => {
  const law = fitUsl(points)
  if (law === undefined) throw new Error('the points determine a law')
  return law
}

test('a known law is found again from exact points', () => {
  for (const law of [
    { gamma: 2000, sigma: 0.05, kappa: 0.0004 },
    { gamma: 900, sigma: 0.9, kappa: 0 },
    { gamma: 500, sigma: 0, kappa: 0.01 },
  ]) {
    const found = fitted(at(law, [1, 2, 4, 8, 16, 32, 64]))
    expect(found.gamma).toBeCloseTo(law.gamma, 6)
    expect(found.sigma).toBeCloseTo(law.sigma, 8)
    expect(found.kappa).toBeCloseTo(law.kappa, 9)
  }
})

test('the SPEC SDM91 example comes out as in the literature', () => {
  // Gunther, Guerrilla Capacity Planning, table 5.1 (data `specsdm91` of the R package usl). Parameters by
  // scipy.optimize.curve_fit 1.17.1; the peak is the 97 that the tests of the R package expect.
  const load = [1, 18, 36, 72, 108, 144, 216]
  const throughput = [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2]
  const law = fitted(load.map((connections, i) => ({ connections, requestsPerSecond: throughput[i] ?? 0 })))
  expect(law.gamma).toBeCloseTo(89.9952, 3)
  expect(law.sigma).toBeCloseTo(0.0277284557, 6)
  expect(law.kappa).toBeCloseTo(1.04365485e-4, 9)
  expect(uslPeak(law)).toBeCloseTo(96.5196, 2)
})

test('the example of the R package usl gives its coefficients', () => {
  // tests/coef.R: alpha 0.02, beta 0.02, gamma 1
  const load = [1, 2, 4, 6, 8, 10]
  const throughput = [1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557]
  const law = fitted(load.map((connections, i) => ({ connections, requestsPerSecond: throughput[i] ?? 0 })))
  expect(law.gamma).toBeCloseTo(1, 3)
  expect(law.sigma).toBeCloseTo(0.02, 3)
  expect(law.kappa).toBeCloseTo(0.02, 4)
})

test('no other law near the one found is closer to noisy points', () => {
  const random = createRandom(20_260_101, 'usl')
  for (let draw = 0; draw < 200; draw++) {
    const truth = { gamma: 1000, sigma: 0.1 + 0.5 * random.next(), kappa: 0.001 * random.next() }
    const points = at(truth, [1, 2, 4, 8, 16, 32, 64], () => Math.exp(0.03 * random.normal()))
    const law = fitted(points)
    const squares = (one: UslParameters): number =>
      points.reduce((sum, { connections, requestsPerSecond }) => {
        return sum + (requestsPerSecond - uslThroughput(one, connections)) ** 2
      }, 0)
    const best = squares(law)
    for (const factor of [0.999, 1.001]) {
      expect(squares({ ...law, gamma: law.gamma * factor })).toBeGreaterThanOrEqual(best)
      expect(squares({ ...law, sigma: law.sigma * factor })).toBeGreaterThanOrEqual(best)
      expect(squares({ ...law, kappa: law.kappa + (factor - 1) * 1e-4 })).toBeGreaterThanOrEqual(best)
    }
  }
})

test('throughput in other units changes gamma alone', () => {
  const points = at({ gamma: 1000, sigma: 0.2, kappa: 0.001 }, [1, 3, 9, 27, 60], () => 1.01)
  const law = fitted(points)
  const thousandfold = fitted(points.map((point) => ({ ...point, requestsPerSecond: point.requestsPerSecond / 1000 })))
  expect(thousandfold.gamma).toBeCloseTo(law.gamma / 1000, 6)
  expect(thousandfold.sigma).toBeCloseTo(law.sigma, 6)
  expect(thousandfold.kappa).toBeCloseTo(law.kappa, 8)
})

test('a law without coherency, or with full contention, has no peak', () => {
  expect(uslPeak({ gamma: 1, sigma: 0.1, kappa: 0 })).toBeUndefined()
  expect(uslPeak({ gamma: 1, sigma: 1, kappa: 0.01 })).toBeUndefined()
  const law = { gamma: 1, sigma: 0.1, kappa: 0.001 }
  const peak = uslPeak(law) ?? Number.NaN
  expect(uslThroughput(law, peak)).toBeGreaterThan(uslThroughput(law, peak * 0.9))
  expect(uslThroughput(law, peak)).toBeGreaterThan(uslThroughput(law, peak * 1.1))
})

test('fewer than three levels determine nothing', () => {
  expect(fitUsl(at({ gamma: 1, sigma: 0.1, kappa: 0.001 }, [1, 8]))).toBeUndefined()
  expect(fitUsl([1, 2, 4, 8].map((connections) => ({ connections, requestsPerSecond: 0 })))).toBeUndefined()
})
