import { expect, test } from 'vitest'
import type { Slice } from '../record/slice.ts'
import { formatBytes, formatSignificant, formatWhole } from './format.ts'
import { metricById, metrics } from './table.ts'

const empty = { unit: 'ns', encoding: 'hdr-v2-base64', significantDigits: 3, count: 0, meanNs: 0, data: '' } as const

/** 100 requests of a session server: 30 us of app CPU, 20 us of database CPU and one query each. */
const session: Slice = {
  set: 0,
  restart: 0,
  round: 0,
  position: 0,
  variant: 'session',
  role: 'candidate',
  group: 'default',
  load: { mode: 'saturation', connections: 10 },
  startedAt: '2026-01-02T03:04:05.000Z',
  durationMs: 50,
  requests: 100,
  errors: 0,
  non2xx: 0,
  wrongBodies: 0,
  latency: { ...empty, count: 100 },
  driver: { cpuUs: 50_000, idleTurnShare: 0.3, bytesSent: 12_000, bytesReceived: 22_000 },
  app: {
    requests: 100,
    refusals: 0,
    elapsedMs: 50,
    cpuUs: 3000,
    eventLoopActiveUs: 2800,
    queries: 100,
    rssBytes: 80_000_000,
    heapUsedBytes: 20_000_000,
    gcCount: 1,
    gcDurationUs: 50,
    bytesRead: 12_000,
    bytesWritten: 22_000,
    steps: { auth: { ...empty, count: 100 }, query: { ...empty, count: 100 } },
    strategy: {},
  },
  database: { cpuUs: 2000, backends: 10, helpersCpuUs: 5 },
  machine: { serverCoresBusyUs: 6000, serverCores: 1, stealUs: 0 },
  doubts: [],
}

/** The same of a server that makes no query. */
const none: Slice = {
  ...session,
  variant: 'none',
  role: 'control',
  app: { ...session.app, queries: 0, steps: {} },
  database: { cpuUs: 0, backends: 0, helpersCpuUs: 5 },
}

function measured(id: string, slice: Slice) {
  const source = metricById(id)?.source
  if (source?.kind !== 'slice') throw new Error(`${id} has no value per slice`)
  return source.value(slice)
}

test('ids are unique and carry their unit', () => {
  expect(new Set(metrics.map(({ id }) => id)).size).toBe(metrics.length)
  for (const { id, unit } of metrics) {
    if (unit === 'us') expect(id).toMatch(/Us(PerRequest)?$/)
    if (unit === 'bytes') expect(id).toMatch(/Bytes$/)
  }
  expect(metricById('no such metric')).toBeUndefined()
})

test('CPU per request is CPU over requests, and the total is app plus database', () => {
  expect(measured('appCpuUsPerRequest', session)).toBe(30)
  expect(measured('databaseCpuUsPerRequest', session)).toBe(20)
  expect(measured('totalCpuUsPerRequest', session)).toBe(50)
  expect(measured('unattributedCpuUsPerRequest', session)).toBe(10)
  expect(measured('queriesPerRequest', session)).toBe(1)
  expect(measured('gcUsPerRequest', session)).toBe(0.5)
  expect(measured('requestsPerSecond', session)).toBe(2000)
  expect(measured('requestBytes', session)).toBe(120)
})

test('without queries and backends the database cost nothing: a real 0', () => {
  expect(measured('databaseCpuUsPerRequest', none)).toBe(0)
})

test('database CPU that could not be read makes the total absent, not smaller', () => {
  const unread: Slice = { ...session, database: { absent: 'not a superuser' } }
  expect(measured('databaseCpuUsPerRequest', unread)).toEqual({ absent: 'not a superuser' })
  expect(measured('totalCpuUsPerRequest', unread)).toEqual({ absent: 'not a superuser' })
  expect(measured('unattributedCpuUsPerRequest', unread)).toEqual({ absent: 'not a superuser' })
})

test('queries without a backend to be found are no 0 either', () => {
  const lost: Slice = { ...session, database: { cpuUs: 0, backends: 0, helpersCpuUs: 0 } }
  expect(measured('databaseCpuUsPerRequest', lost)).toHaveProperty('absent')
})

test('a slice without an answer has no value per request', () => {
  const unanswered: Slice = { ...none, requests: 0 }
  for (const id of ['appCpuUsPerRequest', 'queriesPerRequest', 'requestBytes']) {
    expect(measured(id, unanswered)).toEqual({ absent: 'no request was answered' })
  }
})

test('a step that never happened is absent', () => {
  const source = metricById('queryUs')?.source
  expect(source?.kind === 'histogram' && source.histogram(none)).toEqual({ absent: 'no query was made' })
  expect(source?.kind === 'histogram' && source.histogram(session)).toHaveProperty('data')
})

test('closed-loop latency at saturation is never compared', () => {
  expect(metricById('latencyUs')?.comparedIn).toEqual(['fixed-rate', 'unloaded'])
})

test.each([
  [0.1234, '0.12'],
  [12.345, '12.3'],
  [99.96, '100'],
  [123.4, '123'],
  [54_120.3, '54,120'],
  [-3.21, '-3.21'],
  [-0.001, '0.00'],
])('%d is written %s', (value, text) => {
  expect(formatSignificant(value)).toBe(text)
})

test('bytes and whole numbers are written with separators', () => {
  expect(formatBytes(1204.4)).toBe('1,204')
  expect(formatBytes(78_123_456)).toBe('78.1 million')
  expect(formatWhole(54_120.4)).toBe('54,120')
})

test('the total counts every process that a request passes through, and is not known when one is not', () => {
  const total = metricById('totalCpuUsPerRequest')
  const totalOf = (slice: Slice) => (total?.source.kind === 'slice' ? total.source.value(slice) : undefined)
  expect(totalOf(session)).toBe(50)
  expect(totalOf({ ...session, processes: [{ role: 'issuer', cpuUs: 1000 }] })).toBe(60)
  const unread = { role: 'cache', cpuUs: { absent: 'somebody else has it' } } as const
  expect(totalOf({ ...session, processes: [{ role: 'issuer', cpuUs: 1000 }, unread] })).toEqual(unread.cpuUs)
})

test('how often a cache answers is what its strategy counted, and absent where nothing is', () => {
  const counting = (strategy: Slice['app']['strategy']) => ({ ...session, app: { ...session.app, strategy } })
  expect(measured('cacheHitPercent', counting({ cacheHits: 75, cacheMisses: 25 }))).toBe(75)
  expect(measured('cacheHitPercent', counting({ cacheHits: 0, cacheMisses: 0 }))).toHaveProperty('absent')
  expect(measured('cacheHitPercent', session)).toHaveProperty('absent')
})
