import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiledModule } from '../environment/compiled-module.fixture.ts'
import { RunLock } from '../environment/lock-file.ts'
import { identifyProcess } from '../environment/process-identity.ts'
import { requirement } from '../environment/requirement.fixture.ts'
import { processCpuUs } from './process-cpu.ts'
import { redisFor, startRedis } from './redis.ts'
import { findRedisProgram, startRedisProgram } from './redis-program.ts'

const needed = requirement('redis')
const signal = AbortSignal.timeout(60_000)
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'authcost-redis-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a Redis answers to some lines, each an inline command. */
const say = (url: string, ...lines: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end(`${lines.join('\r\n')}\r\n`))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString()
    })
    socket.once('end', () => resolve(answer))
    socket.once('error', reject)
  })

const isGone = (pid: number) => expect.poll(() => identifyProcess(pid), { timeout: 10_000 }).toBeUndefined()

describe.skipIf(!needed.available)('a Redis of our own', () => {
  it('answers only who knows its password, keeps nothing, and is gone when it is stopped', async () => {
    const lock = new RunLock('own', folder)
    const redis = await startRedisProgram(findRedisProgram() ?? '', lock, signal)
    const { password } = new URL(redis.url)
    expect(await say(redis.url, 'PING')).toMatch(/^-NOAUTH/)
    const settings = await say(redis.url, `AUTH ${password}`, 'CONFIG GET save', 'CONFIG GET appendonly')
    expect(settings.replaceAll('\r\n', ' ')).toMatch(/save \$0 .*appendonly \$2 no/)
    expect(lock.empty).toBe(false)
    const pid = redis.pid ?? 0
    if (process.platform === 'linux') {
      const before = Number(redis.cpuUs())
      await say(redis.url, `AUTH ${password}`, ...Array.from({ length: 5000 }, (_, i) => `SET key${i} value`))
      expect(Number(redis.cpuUs())).toBeGreaterThan(before)
    }
    await redis[Symbol.asyncDispose]()
    await isGone(pid)
    expect(lock.empty).toBe(true)
    lock.close()
  })

  it('tells when it has ended unasked', async () => {
    const lock = new RunLock('ended', folder)
    const redis = await startRedisProgram(findRedisProgram() ?? '', lock, signal)
    const reason = new Promise<string>((resolve) => redis.onExit(resolve))
    process.kill(redis.pid ?? 0, 'SIGKILL')
    expect(await reason).toContain('SIGKILL')
    await redis[Symbol.asyncDispose]()
    lock.close()
  })

  it('ends with a harness that was killed', async () => {
    const modules = [compiledModule('bench/launch/redis-program.ts'), compiledModule('bench/environment/lock-file.ts')]
    const script = `
      const [{ startRedisProgram, findRedisProgram }, { RunLock }] = await Promise.all(${JSON.stringify(modules)}.map((m) => import(m)))
      const lock = new RunLock('killed', ${JSON.stringify(folder)})
      const redis = await startRedisProgram(findRedisProgram(), lock, new AbortController().signal)
      console.log(redis.pid)`
    const harness = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = Number(await new Promise((resolve) => harness.stdout.once('data', resolve)))
    expect(identifyProcess(pid)).toBeDefined()
    harness.kill('SIGKILL')
    await isGone(pid)
  })
})

it('says what program it could not start', async () => {
  const lock = new RunLock('missing', folder)
  await expect(startRedisProgram(join(folder, 'no-such-program'), lock, signal)).rejects.toThrow('no-such-program')
  expect(lock.empty).toBe(true)
  lock.close()
})

it('starts none where no variant needs one, and believes the address it is given', async () => {
  const lock = new RunLock('none', folder)
  const options = { runId: 'none', lock, signal, log: () => {} }
  expect(await redisFor([{ needs: ['postgres'] }], options)).toBeUndefined()
  const named = await startRedis({ url: 'redis://somewhere:6379', keyPrefix: 'x:', ...options })
  expect(named).toMatchObject({ kind: 'external', url: 'redis://somewhere:6379' })
  expect('absent' in named ? named : named.cpuUs()).toMatchObject({ absent: expect.any(String) })
  lock.close()
})

it('says so, and does no more, where a Redis of somebody cannot be cleared of the keys of a run', async () => {
  const lock = new RunLock('unreachable', folder)
  const notices: string[] = []
  const log = (line: string) => notices.push(line)
  const url = 'redis://:canary-pw@127.0.0.1:1'
  const named = await startRedis({ url, keyPrefix: 'x:', runId: 'unreachable', lock, signal, log })
  if ('absent' in named) throw new Error(named.absent)
  await named[Symbol.asyncDispose]()
  expect(notices).toEqual([expect.stringMatching(/keys x:\* could not be removed.*within a day.*cannot be reached/)])
  expect(notices.join()).not.toContain('canary-pw')
  lock.close()
})

it('looks for programs in absolute folders of the PATH only', () => {
  expect(findRedisProgram('.:relative/bin::/nowhere')).toBeUndefined()
})

it('has no figure for the CPU of a process that is not there', () => {
  expect(processCpuUs(2 ** 30)).toMatchObject({ absent: expect.any(String) })
})
