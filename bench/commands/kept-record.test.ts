import { expect, test } from 'vitest'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { Interruption } from './command-context.ts'
import { withKeptRecord } from './kept-record.ts'

const cause = new Error('why')
const ended = new AuthcostError('launch.exited', 'load driver ended unexpectedly by SIGKILL. It wrote nothing.', {
  cause,
})

test('a failure says where the measured part is kept, and how to go on where that can be done', () => {
  const told = withKeptRecord(ended, 'reports/one', true)
  expect(told).toMatchObject({ code: 'launch.exited', cause, exitCode: 1 })
  expect(String(told)).toMatch(
    /ended unexpectedly by SIGKILL[\s\S]*kept in reports\/one, with its report\. .* run --resume reports\/one$/,
  )
  expect(String(withKeptRecord(ended, 'reports/one', false))).toMatch(/kept in reports\/one, with its report\.$/)
})

test('an interruption and a fault in the code are told in their own way', () => {
  for (const other of [new Interruption(130), new TypeError('x is not a function')])
    expect(withKeptRecord(other, 'reports/one', true)).toBe(other)
})
