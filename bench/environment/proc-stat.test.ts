import { expect, test } from 'vitest'
import { parseProcStat } from './proc-stat.ts'

// Fields: user nice system idle iowait irq softirq steal guest guest_nice, in ticks of 10 ms (proc(5)).
const text = `cpu  30 0 12 900 4 3 6 9 0 0
cpu0 10 0 4 400 2 1 2 3 0 0
cpu1 20 0 8 500 2 2 4 6 5 0
intr 1`

test('busy time leaves out idle, waiting and steal, and counts guests once', () => {
  expect(parseProcStat(text, '1')).toEqual({ busyUs: 340_000, stealUs: 60_000, cpus: 1 })
})

test('several CPUs are added up, and without a list all are', () => {
  expect(parseProcStat(text, '0-1')).toEqual(parseProcStat(text, undefined))
  expect(parseProcStat(text, undefined)).toEqual({ busyUs: 510_000, stealUs: 90_000, cpus: 2 })
})

test('a CPU that is not there makes the figure absent, not smaller', () => {
  expect(parseProcStat(text, '1-2')).toEqual({ absent: expect.stringContaining('1-2') })
})
