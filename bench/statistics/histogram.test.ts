import fc from 'fast-check'
import { decodeFromCompressedBase64, JsHistogram } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { DurationRecorder } from '../../servers/contract/duration-recorder.ts'
import {
  anyQuantileNs,
  decodeHistogram,
  hasEnoughBeyond,
  histogramBuckets,
  histogramFromCounts,
  mergeHistograms,
} from './histogram.ts'
import { createRandom } from './random.ts'
import { quantile } from './samples.ts'

function recorded(values: readonly number[], bits = 10) {
  const recorder = new DurationRecorder(bits)
  for (const value of values) recorder.record(value)
  return histogramFromCounts(recorder.counts())
}

const durationsNs = fc.array(fc.integer({ min: 0, max: 60_000_000_000 }), { maxLength: 60 })

test('what is written is an HdrHistogram that the library reads, and both readers agree', () => {
  fc.assert(
    fc.property(durationsNs, (values) => {
      const histogram = recorded(values)
      const library = decodeFromCompressedBase64(histogram.data, 64)
      if (!(library instanceof JsHistogram)) throw new Error('not the plain histogram')
      expect(library.totalCount).toBe(values.length)
      expect(library.numberOfSignificantValueDigits).toBe(3)
      for (const { lowNs, widthNs, count } of histogramBuckets(decodeHistogram(histogram))) {
        expect(library.lowestEquivalentValue(lowNs)).toBe(lowNs)
        expect(library.highestEquivalentValue(lowNs)).toBe(lowNs + widthNs - 1)
        expect(library.getCountAtIndex(library.countsArrayIndex(lowNs))).toBe(count)
      }
    }),
  )
})

test('merging histograms equals the histogram of all values', () => {
  fc.assert(
    fc.property(fc.array(durationsNs, { minLength: 1, maxLength: 5 }), (parts) => {
      const merged = mergeHistograms(parts.map((values) => decodeHistogram(recorded(values))))
      const whole = decodeHistogram(recorded(parts.flat()))
      expect(histogramBuckets(merged)).toEqual(histogramBuckets(whole))
      expect(merged.count).toBe(whole.count)
      expect(merged.meanNs).toBeCloseTo(whole.meanNs, 3)
    }),
  )
})

test('quantiles lie within the resolution of the recorder', () => {
  const random = createRandom(3)
  const values = Array.from({ length: 20_000 }, () => Math.round(150_000 * Math.exp(0.4 * random.normal())))
  for (const [bits, tolerance] of [
    [10, 0.001],
    [6, 0.016],
  ] as const) {
    const histogram = decodeHistogram(recorded(values, bits))
    for (const at of [0.5, 0.9, 0.99]) {
      const exact = quantile(values, at)
      expect(Math.abs((anyQuantileNs(histogram, at) ?? 0) / exact - 1)).toBeLessThan(tolerance)
    }
  }
})

test('a quantile needs 50 values beyond it to be shown, and any value to be drawn', () => {
  const of = (count: number) => decodeHistogram(recorded(Array.from({ length: count }, (_, i) => 1000 + i)))
  expect(hasEnoughBeyond(4999, 0.99)).toBe(false)
  expect(hasEnoughBeyond(5000, 0.99)).toBe(true)
  expect(anyQuantileNs(of(10), 0.99)).toBeDefined()
  expect(anyQuantileNs(of(0), 0.5)).toBeUndefined()
})

test('the mean as recorded is kept, and merged by weight', () => {
  const recorder = new DurationRecorder(10)
  recorder.record(10)
  const one = decodeHistogram(histogramFromCounts(recorder.counts(), 10.4))
  recorder.record(40)
  recorder.record(40)
  const three = decodeHistogram(histogramFromCounts(recorder.counts(), 30))
  expect(mergeHistograms([one, three]).meanNs).toBeCloseTo((10.4 + 90) / 4, 12)
})

test('damaged data is refused with what to do', () => {
  const histogram = recorded([1, 2, 3])
  expect(() => decodeHistogram({ ...histogram, data: 'aGVsbG8gd29ybGQ=' })).toThrow(/damaged/)
  expect(() => decodeHistogram({ ...histogram, data: histogram.data.slice(0, 24) })).toThrow(/damaged/)
})

test('histograms of different resolution are not merged', () => {
  expect(() => mergeHistograms([decodeHistogram(recorded([5])), decodeHistogram(recorded([5], 6))])).toThrow(
    /significant/,
  )
})
