import { expect, test } from 'vitest'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { Interruption } from './command-context.ts'
import { withKeptRecord } from './kept-record.ts'

const cause = new Error('why')
const ended = new AuthcostError('launch.exited', 'load driver ended unexpectedly by SIGKILL. It wrote nothing.', {
  cause,
})

const own = { postgres: 'auto', redis: undefined }

test('a failure says where the measured part is kept, and how to go on where that can be done', () => {
  const told = withKeptRecord(ended, 'reports/one', own)
  expect(told).toMatchObject({ code: 'launch.exited', cause, exitCode: 1 })
  expect(String(told)).toMatch(
    /ended unexpectedly by SIGKILL[\s\S]*kept in reports\/one, with its report\. .* run --resume reports\/one$/,
  )
  expect(String(withKeptRecord(ended, 'reports/one', undefined))).toMatch(/kept in reports\/one, with its report\.$/)
})

test('addresses that are not kept have to be given again, which is said without them', () => {
  const postgres = 'postgres://someone:canary-pw@db.example/one'
  const redis = 'redis://:canary-pw@cache.example'
  const told = (plan: { postgres: string; redis: string | undefined }) =>
    String(withKeptRecord(ended, 'reports/one', plan))
  expect(told({ postgres, redis: undefined })).toMatch(
    /from there \(give --postgres again\): .* --resume reports\/one$/,
  )
  expect(told({ postgres: 'embedded', redis })).toContain('from there (give --redis again): ')
  expect(told({ postgres, redis })).toContain('from there (give --postgres and --redis again): ')
  expect(told({ postgres, redis })).not.toMatch(/canary|example/)
  expect(told(own)).toContain('from there: ')
})

test('an interruption and a fault in the code are told in their own way', () => {
  for (const other of [new Interruption(130), new TypeError('x is not a function')])
    expect(withKeptRecord(other, 'reports/one', own)).toBe(other)
})
