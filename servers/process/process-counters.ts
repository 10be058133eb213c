import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { PerformanceObserver } from 'node:perf_hooks'
import type { RequestCounters } from '../app/request-counters.ts'
import type { CounterSnapshot } from '../contract/counters.ts'
import { DurationRecorder } from '../contract/duration-recorder.ts'
import type { Strategy } from '../contract/strategy.ts'
import type { CountedPool } from '../database/pool.ts'

const emptyCounts = new DurationRecorder().counts()

/** Garbage collections of this process since `observeGarbageCollection` was called. */
export interface GarbageCollection {
  count: number
  durationMs: number
}

/** Counts garbage collections; the entries come a moment after the fact, in a turn of the event loop of their own. */
export function observeGarbageCollection(): GarbageCollection {
  const total: GarbageCollection = { count: 0, durationMs: 0 }
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      total.count++
      total.durationMs += entry.duration
    }
  }).observe({ entryTypes: ['gc'] })
  return total
}

/** Bytes of all connections of a server, those closed included. */
export function countBytes(server: Server): () => { readonly read: number; readonly written: number } {
  const open = new Set<Socket>()
  let closedRead = 0
  let closedWritten = 0
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      closedRead += socket.bytesRead
      closedWritten += socket.bytesWritten
    })
  })
  return () => {
    let read = closedRead
    let written = closedWritten
    for (const socket of open) {
      read += socket.bytesRead
      written += socket.bytesWritten
    }
    return { read, written }
  }
}

/** CPU of all threads of this process so far, microseconds. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Everything a server process counts, this moment, cumulative. Reads its own CPU first: the rest is the reader's cost. */
export function takeSnapshot(sources: {
  readonly counters: RequestCounters
  readonly pool: CountedPool | undefined
  readonly strategy: Strategy
  readonly garbage: GarbageCollection
  readonly bytes: () => { readonly read: number; readonly written: number }
  /** CPU that earlier snapshots took, microseconds. */
  readonly readingCpuUs: number
}): CounterSnapshot {
  const cpu = process.cpuUsage()
  const eventLoop = performance.eventLoopUtilization()
  const { counters, pool } = sources
  const memory = process.memoryUsage()
  const bytes = sources.bytes()
  const poolState = pool?.state()
  return {
    monotonicNs: Number(process.hrtime.bigint()),
    cpuUserUs: cpu.user,
    cpuSystemUs: cpu.system,
    readingCpuUs: sources.readingCpuUs,
    eventLoopActiveMs: eventLoop.active,
    eventLoopIdleMs: eventLoop.idle,
    requests: counters.answered,
    refusals: counters.refused,
    inFlight: counters.inFlight,
    queries: pool?.queries ?? 0,
    ...(poolState === undefined ? {} : { pool: poolState }),
    rssBytes: memory.rss,
    heapUsedBytes: memory.heapUsed,
    gcCount: sources.garbage.count,
    gcDurationMs: sources.garbage.durationMs,
    bytesRead: bytes.read,
    bytesWritten: bytes.written,
    steps: {
      auth: counters.authStep.counts(),
      poolWait: pool?.poolWait.counts() ?? emptyCounts,
      query: pool?.queryTime.counts() ?? emptyCounts,
    },
    strategy: { ...sources.strategy.counters?.() },
  }
}
