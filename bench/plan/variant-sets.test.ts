import { expect, it } from 'vitest'
import { parseVariant } from '../../servers/strategies/table.ts'
import { planInputSchema } from './input.ts'
import { makePlan, plannedVariants } from './plan.ts'
import { variantSets } from './variant-sets.ts'

it.each(variantSets)('--set $name names variants that exist, each once, under their canonical ids', ({ variants }) => {
  const ids = variants.map((text) => parseVariant(text).id)
  expect(new Set(ids).size).toBe(variants.length)
  expect(ids).toEqual([...variants])
})

it('offers exactly the sets there are', () => {
  expect(planInputSchema.shape.set.unwrap().options).toEqual(variantSets.map(({ name }) => name))
})

it('plans the variants of a set in groups small enough to live at once, each with control and twin', () => {
  const plan = makePlan({ set: 'frontier' })
  expect(plan.profile).toBe('custom')
  expect(plannedVariants(plan).map(({ key }) => key)).toEqual([
    'none',
    'none#twin',
    ...(variantSets.find(({ name }) => name === 'frontier')?.variants ?? []),
  ])
  for (const set of plan.sets) {
    expect(set.length).toBeLessThanOrEqual(8)
    expect(set.slice(0, 2).map(({ role }) => role)).toEqual(['control', 'twin'])
  }
})

it('refuses a set beside variants, because one of them would be left out', () => {
  expect(() => makePlan({ set: 'libraries', variants: ['session'] })).toThrow(/--set libraries .* Leave out session/)
})

it('refuses a strategy file where nobody has loaded it', () => {
  expect(() => makePlan({ variants: ['./my-strategy.js'] })).toThrow(/strategy file/)
})
