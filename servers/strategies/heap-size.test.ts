import { describe, expect, it } from 'vitest'
import { weighEntries } from './heap-size.ts'

const weighStrings = (length: number) =>
  weighEntries('text', {
    make: () => new Map<number, string>(),
    add: (map, n) => map.set(n, Buffer.alloc(length, n).toString('latin1')),
  })

describe('the weight of entries in memory', () => {
  it('is as large as what was put into them, and what holds it', () => {
    const { bytes, count } = weighStrings(1000)
    expect(bytes / count).toBeGreaterThan(1000)
    expect(bytes / count).toBeLessThan(1300)
  })

  it('grows by what an entry grows', () => {
    const [small, large] = [weighStrings(100), weighStrings(600)]
    const grown = large.bytes / large.count - small.bytes / small.count
    expect(grown).toBeGreaterThan(450)
    expect(grown).toBeLessThan(550)
  })
})
