import { expect, test } from 'vitest'
import { atPeriod, sessionLayout, sessionParameters } from './parameters.ts'

const given = (raw: Record<string, unknown>) => sessionParameters.parse(raw)
const clocks = (raw: Record<string, unknown>, periodMs?: number) => {
  const { cacheTtl, touch } = atPeriod(given(raw), periodMs)
  return { cacheTtl, touch }
}

test('a shorter period is that of the cache, or without one that of the touch', () => {
  expect(clocks({ cacheTtl: '30s' }, 1000)).toEqual({ cacheTtl: '1s', touch: 'never' })
  expect(clocks({ touch: '60s' }, 1000)).toEqual({ cacheTtl: 'off', touch: '1s' })
})

test('a touch behind a cache comes as often among its misses as before', () => {
  expect(clocks({ cacheTtl: '10s', touch: '60s' }, 1000)).toEqual({ cacheTtl: '1s', touch: '6s' })
  expect(clocks({ cacheTtl: '60s', touch: '5s' }, 1000)).toEqual({ cacheTtl: '1s', touch: '1s' })
  expect(clocks({ cacheTtl: '10s', touch: 'always' }, 1000)).toEqual({ cacheTtl: '1s', touch: 'always' })
})

test('without a shorter period, or without a clock, nothing changes', () => {
  expect(clocks({ cacheTtl: '30s', touch: '60s' })).toEqual({ cacheTtl: '30s', touch: '60s' })
  expect(clocks({}, 1000)).toEqual({ cacheTtl: 'off', touch: 'never' })
})

test('a touched table belongs to the parameters as given: its name would change with the clock', () => {
  const parameters = given({ touch: '60s' })
  expect(sessionLayout(atPeriod(parameters, 1000)).name).not.toBe(sessionLayout(parameters).name)
})
