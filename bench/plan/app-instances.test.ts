import { expect, test } from 'vitest'
import { requireInstanceCores } from './app-instances.ts'
import { makePlan } from './plan.ts'

const plan = (...vary: string[]) => makePlan({ variants: ['session'], vary, seed: 1 })

test('servers get the cores that the most instances of the plan can fill', () => {
  const asked: number[] = []
  const two = (instances: number): number => asked.push(instances) + 1
  expect(requireInstanceCores(plan('instances=1,3'), two).serverCores).toBe(2)
  expect(asked).toEqual([3])
})

test('where cores are too few, instances are refused with the reason before anything starts', () => {
  const few = () => ({ absent: 'not measurable on 2 cores: several server cores need one each for Postgres besides' })
  expect(() => requireInstanceCores(plan('instances=1,2'), few)).toThrow(
    expect.objectContaining({
      code: 'usage.instances',
      message: expect.stringContaining('App instances are not measurable on 2 cores: several server cores need'),
    }),
  )
  const elsewhere = () => ({ absent: 'processes can be pinned on Linux only' })
  expect(() => requireInstanceCores(plan('instances=2'), elsewhere)).toThrow(
    /App instances are not measurable here: processes can be pinned on Linux only\./,
  )
})

test('a plan without several instances asks for no cores', () => {
  const never = () => {
    throw new Error('nobody asked')
  }
  expect(requireInstanceCores(plan(), never).serverCores).toBeUndefined()
  expect(requireInstanceCores(plan('instances=1', 'pool=2,5'), never).serverCores).toBeUndefined()
})
