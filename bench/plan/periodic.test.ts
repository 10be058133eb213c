import { describe, expect, it } from 'vitest'
import { drawnShares, lapsingUsers, periodicMeasurement, periodicMs, periodicSliceMs, renewals } from './periodic.ts'
import { makePlan } from './plan.ts'
import { predictSeconds } from './predict.ts'

const planOf = (text: string) => makePlan({ profile: 'standard', variants: [text], seed: 1 })
const measurementOf = (text: string) =>
  planOf(text)
    .sets.flat()
    .flatMap((planned) => periodicMeasurement(planned) ?? [])

describe('what is dear once a period', () => {
  it('is measured by its own clock where that is short', () => {
    expect(measurementOf('session:cacheTtl=2s')).toEqual([{ way: 'own-clock', everyMs: 2000, measuredEveryMs: 2000 }])
  })

  it.each(['session:cacheTtl=30s', 'introspection:cacheTtl=30s', 'session:touch=30s'])(
    'is measured with a shorter one where waiting would take too long: %s',
    (text) => {
      expect(measurementOf(text)).toEqual([{ way: 'shortened-clock', everyMs: 30_000, measuredEveryMs: 1000 }])
    },
  )

  it('of a cache of verified tokens begins with each new token, whose lifetime is the period', () => {
    expect(measurementOf('jwt:alg=ES256,cache=1000,accessLifetimeS=300')).toEqual([
      { way: 'new-credentials', everyMs: 300_000, measuredEveryMs: 1000 },
    ])
  })

  it('of a cache in a cookie begins whenever the cookie has run out', () => {
    expect(measurementOf('better-auth:cookieCache=on,cacheMaxAgeS=60')).toEqual([
      { way: 'lapsed-cookie', everyMs: 60_000, measuredEveryMs: 1000 },
    ])
  })

  it.each(['session', 'jwt:alg=ES256', 'session:touch=always', 'fastify-session', 'better-auth'])(
    'is not measured where there is none: %s',
    (text) => {
      expect(measurementOf(text)).toEqual([])
    },
  )

  it('has credentials for longer than it takes, whatever the length of a window', () => {
    for (const given of [{ slice: '0.1s' }, { slice: '2s' }, { rate: 40 }]) {
      const plan = makePlan({
        ...{ profile: 'standard', variants: ['jwt:alg=ES256,cache=1000'], users: 200, seed: 1 },
        ...given,
      })
      const [measurement] = plan.sets.flat().flatMap((planned) => periodicMeasurement(planned) ?? [])
      expect(periodicSliceMs(plan)).toBe('rate' in given ? 2000 : 250)
      if (measurement === undefined) throw new Error('nothing to measure')
      const { users, generations } = renewals(plan, measurement)
      expect(users).toBe(200)
      expect(generations * measurement.measuredEveryMs).toBeGreaterThan(
        periodicMs(measurement.measuredEveryMs, periodicSliceMs(plan)),
      )
    }
  })

  it('of a cookie is measured with few users, whatever their number', () => {
    expect([2, 5000].map((users) => lapsingUsers({ users }))).toEqual([2, 256])
  })

  it('draws shares of misses around that of the clock, apart enough to tell costs by and no more than all', () => {
    expect(drawnShares(0.2)).toEqual([0.1, expect.closeTo(0.3)])
    expect(drawnShares(0.02)).toEqual([0.01, 0.1])
    expect(drawnShares(0.8)).toEqual([0.4, 1])
  })

  it('stands in the prediction: servers of its own in five restarts, and tokens to sign', () => {
    const base = predictSeconds(planOf('session'))
    expect(predictSeconds(planOf('session:cacheTtl=30s'))).toBeGreaterThan(base + 5 * 8)
    expect(predictSeconds(planOf('jwt:alg=HS256,cache=1000'))).toBeGreaterThan(
      predictSeconds(planOf('jwt:alg=HS256')) + 10 * 8,
    )
    expect(predictSeconds(planOf('better-auth:cookieCache=on'))).toBeGreaterThan(
      predictSeconds(planOf('better-auth')) + 10 * 12,
    )
  })
})
