import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { anyQuantileNs, decodeHistogram, histogramFromCounts } from '../statistics/histogram.ts'
import { OpenLoopConnections } from './open-loop.ts'
import type { LoadResult } from './protocol.ts'
import { oneRequestOn } from './request-set.ts'
import { Window } from './window.ts'

const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Sends one request every 5 ms to a server that answers each after so long, over so many connections. */
async function load(answerAfterMs: number, connections: number, requests = 20): Promise<LoadResult> {
  const server = createServer((socket) => {
    socket.on('data', () => setTimeout(() => socket.write(answer), answerAfterMs))
    socket.on('error', () => socket.destroy())
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const loop = await OpenLoopConnections.open([`http://${host}`], oneRequestOn(connections, host, '{}'), new Window())
  const dueNs = Float64Array.from({ length: requests }, (_, index) => index * 5e6)
  return loop.run(dueNs, requests * 5).finally(() => loop.close())
}

const medianUs = (durations: LoadResult['scheduleLag']): number => {
  if (durations === undefined) throw new Error('nothing was recorded')
  return (anyQuantileNs(decodeHistogram(histogramFromCounts(durations.counts, durations.meanNs)), 0.5) ?? 0) / 1000
}

describe('a request that is due while all connections are busy', () => {
  it('waits for the server: its latency holds that, the schedule lag of the driver does not', async () => {
    // Two connections at 10 ms each answer a request every 5 ms, as often as one is due; at 16 ms the queue grows.
    const result = await load(16, 2)
    expect(result.requests).toBe(20)
    expect(result.unsent).toBe(0)
    expect(result.waitedForConnection).toBeGreaterThan(10)
    expect(medianUs(result.latency)).toBeGreaterThan(20_000)
    expect(medianUs(result.scheduleLag)).toBeLessThan(0.2 * medianUs(result.latency))
  })

  it('that is never sent is counted as unsent', async () => {
    const result = await load(60, 1, 10)
    expect(result.unsent).toBeGreaterThan(5)
    expect(result.requests + (result.unsent ?? 0)).toBe(10)
  })

  it('is none where connections are free', async () => {
    expect((await load(16, 64)).waitedForConnection).toBe(0)
  })
})
