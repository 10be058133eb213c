import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { nowNs, Window } from './window.ts'

const answer = (window: Window, times: number): void => {
  for (let i = 0; i < times; i++) {
    window.requests++
    window.bytesReceived += 200
    window.latency(50_000 + (i % 1000) * 131)
    window.scheduleLag(i % 4096)
  }
}

test('a window holds as much memory after a million responses as after a thousand', () => {
  const window = new Window()
  setFlagsFromString('--expose_gc')
  const collect: () => void = runInNewContext('gc')
  const heapAfter = (times: number): number => {
    window.open()
    answer(window, times)
    window.close(nowNs(), 0.5, undefined)
    collect()
    return process.memoryUsage().heapUsed
  }
  heapAfter(1000)
  const few = heapAfter(1000)
  const many = heapAfter(1_000_000)
  // A number per response would be 8 MB and more.
  expect(many - few).toBeLessThan(6_000_000)
})

test('a window that is opened again has forgotten the last one', () => {
  const window = new Window()
  window.open()
  answer(window, 500)
  window.errors = 3
  window.open()
  answer(window, 2)
  const result = window.close(nowNs(), 1, undefined)
  expect(result).toMatchObject({ requests: 2, errors: 0, bytesReceived: 400 })
  expect(result.latency.counts.counts.reduce((sum, count) => sum + count, 0)).toBe(2)
  expect(result.latency.meanNs).toBeCloseTo(50_065.5)
})

test('only a window with a schedule tells of lag and of requests that were never sent', () => {
  const window = new Window()
  window.open()
  answer(window, 10)
  expect(window.close(nowNs(), 1, undefined)).not.toHaveProperty('scheduleLag')
  window.open()
  answer(window, 10)
  expect(window.close(nowNs(), 1, 4)).toMatchObject({ unsent: 4, scheduleLag: { meanNs: 4.5 } })
})
