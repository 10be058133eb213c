import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunLock } from '../environment/lock-file.ts'
import { requirement } from '../environment/requirement.fixture.ts'
import { startRedis } from './redis.ts'
import { importRedisImage, removeImage } from './redis-image.fixture.ts'

const docker = requirement('docker')
const program = requirement('redis')
const image = `authcost-test-redis:${process.pid}`
const signal = AbortSignal.timeout(120_000)
let folder: string

const containersOf = (runId: string): string =>
  spawnSync('docker', ['ps', '--all', '--quiet', '--filter', `label=authcost.run=${runId}`]).stdout.toString()

/** What a Redis answers to inline commands. */
const say = (url: string, ...lines: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.end(`${lines.join('\r\n')}\r\n`))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString()
    })
    socket.once('end', () => resolve(answer))
    socket.once('error', reject)
  })

describe.skipIf(!docker.available || !program.available)('a Redis in a container of a named image', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'authcost-redis-container-'))
    importRedisImage(image)
  })
  afterAll(() => {
    removeImage(image)
    rmSync(folder, { recursive: true, force: true })
  })

  it('is taken before a program on the PATH, answers only who knows its password, and keeps nothing', async () => {
    const runId = `container-${process.pid}`
    const lock = new RunLock(runId, folder)
    const redis = await startRedis({ image, keyPrefix: 'x:', runId, lock, signal, log: () => {} })
    if ('absent' in redis) throw new Error(redis.absent)
    try {
      expect(redis.kind).toBe('container')
      const direct = new URL(redis.url).port === '6379' && new URL(redis.url).hostname !== '127.0.0.1'
      expect(redis.route).toBe(direct ? 'direct' : 'published')
      expect(containersOf(runId)).not.toBe('')
      expect(lock.empty).toBe(false)
      const { password } = new URL(redis.url)
      expect(await say(redis.url, 'PING')).toMatch(/^-NOAUTH/)
      const settings = await say(redis.url, `AUTH ${password}`, 'CONFIG GET save', 'CONFIG GET appendonly')
      expect(settings.replaceAll('\r\n', ' ')).toMatch(/save \$0 .*appendonly \$2 no/)
      // Where the engine runs elsewhere its processes cannot be seen, and that is said.
      const before = redis.cpuUs()
      await say(redis.url, `AUTH ${password}`, ...Array.from({ length: 5000 }, (_, i) => `SET key${i} value`))
      const after = redis.cpuUs()
      if (typeof before === 'number') expect(after).toBeGreaterThan(before)
      else expect(after).toEqual({ absent: expect.stringContaining('not to be seen') })
    } finally {
      await redis[Symbol.asyncDispose]()
    }
    expect(containersOf(runId)).toBe('')
    expect(lock.empty).toBe(true)
    lock.close()
  })

  it('says which image it could not have, and starts no program in its place', async () => {
    const runId = `no-image-${process.pid}`
    const lock = new RunLock(runId, folder)
    const named = 'localhost:9/no-such-image:1'
    const redis = await startRedis({ image: named, keyPrefix: 'x:', runId, lock, signal, log: () => {} })
    expect(redis).toMatchObject({ absent: expect.stringContaining(named) })
    expect(lock.empty).toBe(true)
    lock.close()
  })
})
