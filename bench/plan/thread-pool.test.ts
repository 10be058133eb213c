import { expect, test } from 'vitest'
import { requireInstanceCores } from './app-instances.ts'
import { makePlan } from './plan.ts'
import { requireThreadCores } from './thread-pool.ts'

const plan = (...vary: string[]) => makePlan({ variants: ['session', 'jwt:alg=RS256'], vary, seed: 1 })

test('sizes of the thread pool get two cores for the servers, or those that app instances fill', () => {
  const enough = (instances: number): number => instances
  expect(requireThreadCores(plan('threads=1,4'), enough).serverCores).toBe(2)
  const both = requireInstanceCores(plan('threads=1,4', 'instances=1,3'), enough)
  expect(requireThreadCores(both, enough).serverCores).toBe(3)
})

test('where servers have one core, sizes of the thread pool are refused with the reason', () => {
  const few = () => ({ absent: 'not measurable on 2 cores: several server cores need one each for Postgres besides' })
  expect(() => requireThreadCores(plan('threads=1,4'), few)).toThrow(
    expect.objectContaining({
      code: 'usage.threads',
      message: expect.stringMatching(
        /^Which UV_THREADPOOL_SIZE is best is not measurable on 2 cores: .* out of --vary\.$/,
      ),
    }),
  )
  const elsewhere = () => ({ absent: 'processes can be pinned on Linux only' })
  expect(() => requireThreadCores(plan('threads=4'), elsewhere)).toThrow(/not measurable here: processes can be pinned/)
})

test('a plan that leaves the thread pool alone asks for no cores', () => {
  const never = () => {
    throw new Error('nobody asked')
  }
  expect(requireThreadCores(plan('pool=2,5'), never).serverCores).toBeUndefined()
})
