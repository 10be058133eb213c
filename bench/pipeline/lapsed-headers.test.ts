import { expect, it } from 'vitest'
import { lapsedHeaders } from './lapsed-headers.ts'

it('leaves the cookie away', () => {
  expect(lapsedHeaders([{ cookie: 'id=1; data=2' }, { cookie: 'id=3' }], 'data')).toEqual([
    { cookie: 'id=1' },
    { cookie: 'id=3' },
  ])
})

it('does not take for run out what nobody had', () => {
  expect(() => lapsedHeaders([{ cookie: 'id=1; data=2' }], 'date')).toThrow(/cookie date runs out/)
})
