import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { compiledModule } from '../../environment/compiled-module.fixture.ts'
import { freePort } from '../../environment/free-port.ts'
import { RunLock } from '../../environment/lock-file.ts'
import { startPostgres } from '../../environment/postgres.ts'
import type { PostgresHandle } from '../../environment/postgres-handle.ts'
import { identifyProcess } from '../../environment/process-identity.ts'
import { DelayProcess } from './delay-process.ts'
import { DelayProxy } from './delay-proxy.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item[Symbol.asyncDispose]()
})

/** A TCP service of this test on a port of 127.0.0.1. */
async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 })
  await once(server, 'listening')
  open.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  })
  return portOf(server)
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function proxyTo(port: number, delayUs: number): Promise<DelayProcess> {
  const proxy = await DelayProcess.start({ host: '127.0.0.1', port }, delayUs)
  open.push(proxy)
  return proxy
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

/** Everything until the other side's end. */
async function allOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(chunks)
}

const hash = (data: Buffer): string => createHash('sha256').update(data).digest('hex')
const echo = (socket: Socket): void => void socket.pipe(socket)

/** Round trips of single bytes, one after the other, microseconds, ascending. */
async function roundTrips(port: number, count: number): Promise<readonly number[]> {
  const socket = await connected(port)
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = process.hrtime.bigint()
    socket.write('x')
    await once(socket, 'data')
    times.push(Number(process.hrtime.bigint() - start) / 1000)
  }
  socket.destroy()
  return times.sort((a, b) => a - b)
}
const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? 0

describe('between two sockets', () => {
  test.each([500, 2000, 10_000])('a round trip takes longer by about %i us', async (delayUs) => {
    const port = await serve(echo)
    const proxy = await proxyTo(port, delayUs)
    const direct = median(await roundTrips(port, 100))
    const times = await roundTrips(proxy.port, 100)
    expect(median(times)).toBeGreaterThanOrEqual(0.9 * delayUs)
    // It does delay, and does not sleep twice. How exact it is depends on the machine.
    expect(median(times) - direct).toBeLessThan(2 * delayUs + 5000)
  })

  test('the delay is one of each answer, not of the stream: many can be under way at once', async () => {
    const proxy = await proxyTo(await serve(echo), 100_000)
    const sockets = await Promise.all(Array.from({ length: 100 }, () => connected(proxy.port)))
    const start = performance.now()
    await Promise.all(
      sockets.map(async (socket, index) => {
        socket.end(`connection ${index}`)
        expect((await allOf(socket)).toString()).toBe(`connection ${index}`)
      }),
    )
    const elapsedMs = performance.now() - start
    expect(elapsedMs).toBeGreaterThan(90)
    // One after the other would take 10 s.
    expect(elapsedMs).toBeLessThan(5000)
  })

  test('answers keep their order, and so do bytes of a large transfer in both directions', async () => {
    const proxy = await proxyTo(await serve(echo), 5000)
    const data = randomBytes(32 * 2 ** 20)
    const socket = await connected(proxy.port)
    const back = allOf(socket)
    socket.end(data)
    expect(hash(await back)).toBe(hash(data))
  })

  test('a client that does not read holds its server back, and loses nothing', async () => {
    const data = randomBytes(128 * 2 ** 20)
    let flushed = false
    const port = await serve((socket) => {
      socket.end(data, () => {
        flushed = true
      })
    })
    const proxy = await proxyTo(port, 1000)
    const socket = await connected(proxy.port)
    socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(flushed).toBe(false)
    const back = allOf(socket)
    socket.resume()
    expect(hash(await back)).toBe(hash(data))
    expect(flushed).toBe(true)
    socket.destroy()
  })

  test('a client that has ended still gets its answer', async () => {
    const port = await serve((socket) => {
      socket.resume()
      socket.on('end', () => socket.end('after your end'))
    })
    const proxy = await proxyTo(port, 1000)
    const socket = await connected(proxy.port)
    socket.end('question')
    expect((await allOf(socket)).toString()).toBe('after your end')
  })

  test('what came before a break arrives, then the end', async () => {
    const port = await serve((socket) => {
      socket.write('last words')
      setTimeout(() => socket.resetAndDestroy(), 50)
    })
    const proxy = await proxyTo(port, 20_000)
    expect((await allOf(await connected(proxy.port))).toString()).toBe('last words')
  })

  test('a client that breaks off ends its connection upstream, and the others go on', async () => {
    let ended: (() => void) | undefined
    const gone = new Promise<void>((resolve) => {
      ended = resolve
    })
    const port = await serve((socket) => {
      socket.on('close', () => ended?.())
      socket.pipe(socket)
    })
    const proxy = await proxyTo(port, 1000)
    const other = await connected(proxy.port)
    const socket = await connected(proxy.port)
    socket.write('x')
    await once(socket, 'data')
    socket.resetAndDestroy()
    await gone
    other.write('still here')
    expect(String(await once(other, 'data'))).toBe('still here')
    other.destroy()
  })

  test('where nobody listens the client is told by an end, and the proxy lives on', async () => {
    const proxy = await proxyTo(await freePort(), 1000)
    for (let i = 0; i < 3; i++) {
      const socket = await connected(proxy.port)
      expect(await allOf(socket)).toHaveLength(0)
      socket.destroy()
    }
    expect((await proxy.counters()).cpuUs).toBeGreaterThan(0)
  })

  test('it sleeps: waiting costs no CPU', async () => {
    const proxy = await proxyTo(await serve(echo), 300_000)
    const socket = await connected(proxy.port)
    // Once beforehand: what is compiled and loaded on the first way is not waiting.
    socket.write('x')
    await once(socket, 'data')
    const before = (await proxy.counters()).cpuUs
    const start = performance.now()
    socket.write('x')
    await once(socket, 'data')
    const elapsedUs = (performance.now() - start) * 1000
    expect((await proxy.counters()).cpuUs - before).toBeLessThan(elapsedUs / 4)
    socket.destroy()
  })

  test('it stops while answers are held', async () => {
    const proxy = await proxyTo(await serve(echo), 60_000_000)
    const socket = await connected(proxy.port)
    socket.on('error', () => undefined)
    socket.write('x')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { pid } = proxy.child
    await proxy[Symbol.asyncDispose]()
    expect(identifyProcess(pid)).toBeUndefined()
    socket.destroy()
  })
})

describe('in front of Postgres', () => {
  const state = mkdtempSync(join(tmpdir(), 'authcost-test-state-'))
  let postgres: PostgresHandle
  beforeAll(async () => {
    postgres = await startPostgres({
      choice: 'embedded',
      image: '',
      maxConnections: 30,
      runId: 'delay',
      lock: new RunLock('delay', state),
      log: () => undefined,
      signal: new AbortController().signal,
    })
  })
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]()
    rmSync(state, { recursive: true, force: true })
  })

  const proxied = async (delayUs: number): Promise<DelayProxy> => {
    const proxy = await DelayProxy.start({ databaseUrl: postgres.url, delayUs })
    open.push(proxy)
    return proxy
  }

  test('several distances at once are each what they were asked for', async () => {
    const near = await proxied(1000)
    const far = await proxied(10_000)
    const [nearAdded, farAdded] = [await near.measure(50), await far.measure(50)]
    expect(nearAdded.samples).toBe(50)
    // At most 300 us are taken off for the way through the proxy, however busy the machine was when that was timed.
    expect(nearAdded.p50).toBeGreaterThanOrEqual(650)
    expect(farAdded.p50).toBeGreaterThanOrEqual(9000)
    expect(farAdded.p50).toBeGreaterThan(nearAdded.p50)
    expect(nearAdded.p99).toBeGreaterThanOrEqual(nearAdded.p50)
    expect(near.forwardingUs).toBeLessThanOrEqual(near.delayUs)
  })

  test('a pool works through it, and one connection makes no more queries than the delay allows', async () => {
    const proxy = await proxied(5000)
    const pool = new pg.Pool({ connectionString: proxy.url, max: 1 })
    await pool.query('SELECT 1')
    const cpuBefore = await proxy.cpuUs()
    const start = performance.now()
    const answers = await Promise.all(
      Array.from(
        { length: 40 },
        async (_, n) => (await pool.query<{ n: number }>('SELECT $1::int AS n', [n])).rows[0]?.n,
      ),
    )
    const elapsedMs = performance.now() - start
    expect(answers).toEqual(Array.from({ length: 40 }, (_, n) => n))
    // Pool of 1, delay d: throughput cannot exceed 1/d. What passing through takes is part of d.
    expect(elapsedMs).toBeGreaterThan(0.85 * 40 * 5)
    expect(await proxy.cpuUs()).toBeGreaterThan(cpuBefore)
    await pool.end()
  })

  test('large results pass whole', async () => {
    const proxy = await proxied(1000)
    const client = new pg.Client({ connectionString: proxy.url })
    await client.connect()
    const answer = await client.query<{ n: number; pad: string }>(
      "SELECT n, repeat('x', 1000) AS pad FROM generate_series(1, 20000) n",
    )
    expect(answer.rows.map(({ n }) => n)).toEqual(Array.from({ length: 20_000 }, (_, n) => n + 1))
    expect(answer.rows.every(({ pad }) => pad.length === 1000)).toBe(true)
    await client.end()
  })

  test('a wrong password is refused as it is directly', async () => {
    const proxy = await proxied(1000)
    const url = new URL(proxy.url)
    url.password = 'wrong'
    const client = new pg.Client({ connectionString: url.href })
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' })
  })

  test('its unexpected end is told, a stop is not', async () => {
    const killed = await proxied(1000)
    const told = new Promise<Error>((resolve) => killed.onUnexpectedExit(resolve))
    process.kill(killed.pid, 'SIGKILL')
    expect((await told).message).toContain('delay proxy ended unexpectedly')

    const stopped = await proxied(1000)
    let heard = false
    stopped.onUnexpectedExit(() => {
      heard = true
    })
    await stopped.stop()
    expect(heard).toBe(false)
    expect(identifyProcess(stopped.pid)).toBeUndefined()
  })

  test('no proxy outlives a harness that was killed', async () => {
    const module = compiledModule('bench/launch/delay/delay-proxy.ts')
    const harness = `
      import { DelayProxy } from ${JSON.stringify(module)}
      process.once('message', async (databaseUrl) => {
        const proxy = await DelayProxy.start({ databaseUrl, delayUs: 1000 })
        process.send({ pid: proxy.pid })
      })
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', harness], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.send(postgres.url)
    const ready = await new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', () => reject(new Error('ended before it was ready')))
    })
    const { pid } = z.object({ pid: z.int().positive() }).parse(ready)
    expect(identifyProcess(pid)).toBeDefined()
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    await expect.poll(() => identifyProcess(pid), { timeout: 8000 }).toBeUndefined()
  })
})
