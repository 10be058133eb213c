import { expect, it } from 'vitest'
import { PartList } from './part-list.ts'

it('hands the outputs of a part to the next, and calls each with what it got', async () => {
  const parts = new PartList()
  const lengths = await parts.part('parse', ['a', 'bb', 'ccc'], (text) => text.length)
  const doubled = await parts.part('look up', lengths, async (length) => length * 2)
  expect(doubled).toEqual([2, 4, 6])
  expect(parts.calls.map(({ name, async }) => [name, async])).toEqual([
    ['parse', false],
    ['look up', true],
  ])
  expect(parts.calls[0]?.call(2)).toBe(3)
  await expect(parts.calls[1]?.call(1)).resolves.toBe(4)
})

it('stops at a part that refuses what is good', async () => {
  const parts = new PartList()
  const refusing = parts.part('verify', ['token'], () => ({ refused: 'invalid' as const }))
  await expect(refusing).rejects.toThrow('Its part "verify" refused a good credential, number 0.')
})
