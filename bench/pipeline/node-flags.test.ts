import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { defaultWarmUp, patientWarmUp } from '../measure/warm-up.ts'
import { knownNodeFlags, nodeFlagsOf, warmUpOf } from './node-flags.ts'

const v8Options = `
SSE3=1 SSSE3=1
Options:
  --memory-reducer (use memory reducer)
        type: bool  default: --memory-reducer
  --min-semi-space-size (min size of a semi-space (in MBytes), the new space consists of two semi-spaces)
        type: size_t  default: --min-semi-space-size=0
`

test('flags that this Node does not know are left out', () => {
  const flags = ['--no-memory-reducer', '--min-semi-space-size=16', '--memory', '--invocation-count-for-turbofan=1000']
  expect(knownNodeFlags(flags, v8Options)).toEqual(['--no-memory-reducer', '--min-semi-space-size=16'])
})

test('Node starts with what measured servers get', () => {
  const flags = nodeFlagsOf({ keepNodeFlags: false })
  expect(flags).toContain('--no-memory-reducer')
  expect(flags).toContain('--min-semi-space-size=16')
  const newest = Number(process.versions.node.split('.')[0]) >= 22
  expect(flags.includes('--invocation-count-for-turbofan=1000')).toBe(newest)
  expect(spawnSync(process.execPath, [...flags, '-e', '0'])).toMatchObject({ status: 0 })
})

test("with production's flags there are none, and servers are warmed up for longer where that makes compilers late", () => {
  expect(nodeFlagsOf({ keepNodeFlags: true })).toEqual([])
  expect(nodeFlagsOf({ keepNodeFlags: false }, 'production')).toEqual([])
  const newest = Number(process.versions.node.split('.')[0]) >= 22
  expect(warmUpOf({ keepNodeFlags: true })).toBe(newest ? patientWarmUp : defaultWarmUp)
  expect(warmUpOf({ keepNodeFlags: false }, 'production')).toBe(newest ? patientWarmUp : defaultWarmUp)
  expect(warmUpOf({ keepNodeFlags: false })).toBe(defaultWarmUp)
})
