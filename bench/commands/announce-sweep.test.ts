import { describe, expect, it } from 'vitest'
import type { IsActive } from '../plan/order.ts'
import { makePlan } from '../plan/plan.ts'
import { announceRest, announceSweep } from './announce-sweep.ts'

const written = (announce: (context: { progress: { write(text: string): void } }) => void): string => {
  let all = ''
  announce({
    progress: {
      write: (text) => {
        all += text
      },
    },
  })
  return all
}

describe('a sweep is announced with its cells and its time', () => {
  it('where nothing but parameters of the variants is varied', () => {
    const plan = makePlan({ variants: ['jwt'], vary: ['alg=HS256,ES256', 'verifier=jose,node'], restarts: 3, seed: 1 })
    expect(written((context) => announceSweep(context, plan, true))).toMatch(
      new RegExp(`^${4 * plan.loads.length} cells, 3 restarts: about \\d+ (s|min)\\n$`),
    )
  })

  it('where deployments are, and not where variants were named one by one', () => {
    const pools = makePlan({ variants: ['session'], vary: ['pool=2,5'], seed: 1 })
    expect(written((context) => announceSweep(context, pools, true))).toContain('cells')
    const named = makePlan({ variants: ['session', 'jwt'], seed: 1 })
    expect(written((context) => announceSweep(context, named))).toBe('')
  })
})

it('a run that goes on says what is left, which takes less than the whole', () => {
  const plan = makePlan({ variants: ['session'], restarts: 80, seed: 1 })
  const minutesLeft = (begun: number): number =>
    Number(/about (\d+) min/.exec(written((context) => announceRest(context, plan, begun)))?.[1])
  expect(written((context) => announceRest(context, plan, 78))).toMatch(/^\d+ cells, 2 restarts to go: about \d+ /)
  expect(written((context) => announceRest(context, plan, 79))).toContain('1 restart to go')
  expect(minutesLeft(0)).toBeGreaterThan(10)
  expect(minutesLeft(50)).toBeLessThan(minutesLeft(0) / 2)
})

it('a sweep that goes on has only the cells that are not settled, and takes less time', () => {
  const plan = makePlan({ variants: ['session'], vary: ['pool=1,2,5,10'], restarts: 80, seed: 1 })
  const rest = (isActive?: IsActive): string => written((context) => announceRest(context, plan, 40, isActive))
  const minutes = (text: string): number => Number(/about (\d+) min/.exec(text)?.[1])
  const active = rest(({ deployment }) => deployment?.poolSize === 5)
  expect(active).toContain(`${plan.loads.length} cells`)
  expect(minutes(active)).toBeLessThan(minutes(rest()))
})
