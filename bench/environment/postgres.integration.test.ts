import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { cleanUpAfterDeadRuns } from './clean-up.ts'
import { compiledModule } from './compiled-module.fixture.ts'
import { connectHarness } from './connection.ts'
import { removeContainer } from './container-engine.ts'
import { RunLock, readLockFile, writeLockFile } from './lock-file.ts'
import { startPostgres } from './postgres.ts'
import type { PostgresHandle } from './postgres-handle.ts'
import { identifyProcess, isStillRunning } from './process-identity.ts'
import { requirement } from './requirement.fixture.ts'
import { systemFiles } from './system-files.ts'

process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'
// A temporary folder of this test's own, so that others' databases do not look like something left behind.
const temporary = mkdtempSync(join(tmpdir(), 'authcost-test-'))
chmodSync(temporary, 0o755)
process.env.TMPDIR = temporary
const state = join(temporary, 'state')
process.env.XDG_STATE_HOME = state
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

let count = 0
const start = (choice: string, overrides: { signal?: AbortSignal; cpus?: string; image?: string } = {}) => {
  const lock = new RunLock(`test-${process.pid}-${++count}`, state)
  const notices: string[] = []
  const handle = startPostgres({
    choice,
    image: overrides.image ?? 'postgres:18-alpine',
    maxConnections: 50,
    runId: lock.runId,
    lock,
    log: (line) => notices.push(line),
    signal: overrides.signal ?? new AbortController().signal,
    ...(overrides.cpus === undefined ? {} : { cpus: overrides.cpus }),
  })
  return { handle, lock, notices }
}

const ask = async (url: string, sql: string): Promise<unknown> => {
  const client = await connectHarness(url)
  try {
    const answer = await client.query<Record<string, unknown>>(sql)
    return Object.values(answer.rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

const temporaryFolders = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('authcost-postgres-'))

describe('an embedded Postgres', () => {
  let started: ReturnType<typeof start>
  let postgres: PostgresHandle
  let foldersBefore: readonly string[]

  beforeAll(async () => {
    foldersBefore = temporaryFolders()
    started = start('embedded', process.platform === 'linux' ? { cpus: '0' } : {})
    postgres = await started.handle
  })
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]()
  })

  test('says what it is and with which settings it runs', () => {
    expect(postgres.kind).toBe('embedded')
    expect(postgres.route).toBe('loopback')
    expect(postgres.schema).toBe('authcost')
    expect(postgres.version).toMatch(/^18/)
    expect(postgres.settings).toMatchObject({ fsync: 'on', synchronous_commit: 'on', max_connections: '50' })
  })

  test('has pg_stat_statements loaded and not tracking', async () => {
    expect(await ask(postgres.url, 'SHOW pg_stat_statements.track')).toBe('none')
    await ask(postgres.url, 'SELECT 1 AS untracked')
    const seen = "SELECT count(*)::int FROM pg_stat_statements WHERE query LIKE '%AS untracked%'"
    expect(await ask(postgres.url, seen)).toBe(0)
  })

  test('refuses a wrong password without showing it', async () => {
    const wrong = postgres.url.replace(/:[0-9a-f]{48}@/, ':canary-password@')
    const error = await connectHarness(wrong).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(AuthcostError)
    expect(error).toMatchObject({ code: 'postgres.login-refused', exitCode: 1 })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary-password')
  })

  test.runIf(process.platform === 'linux')('runs with every backend on the CPUs given', async () => {
    const pid = Number(await ask(postgres.url, 'SELECT pg_backend_pid()'))
    expect(pid).toBeGreaterThan(0)
    expect(spawnSync('taskset', ['-cp', String(postgres.postmasterPid)], { encoding: 'utf8' }).stdout).toMatch(
      /: 0\s*$/,
    )
  })

  test('keeps its data over a restart and does not call that an end', async () => {
    const ends: string[] = []
    const forget = postgres.onExit((reason) => ends.push(reason))
    await ask(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS n')
    const before = postgres.postmasterPid
    await postgres.restart?.()
    expect(await ask(postgres.url, 'SELECT n FROM kept')).toBe(42)
    expect(postgres.postmasterPid).not.toBe(before)
    expect(ends).toEqual([])
    forget()
  })

  test('says at once that it died, with its last lines, and leaves nothing behind', async () => {
    const end = new Promise<string>((resolve) => postgres.onExit(resolve))
    process.kill(postgres.postmasterPid ?? 0, 'SIGQUIT')
    expect(await end).toMatch(/last lines:[\s\S]*immediate shutdown/)
    expect(postgres.state().running).toBe(false)
    await postgres[Symbol.asyncDispose]()
    expect(temporaryFolders()).toEqual(foldersBefore)
    expect(started.lock.empty).toBe(true)
  })
})

/** Starts a Postgres in a harness of its own and kills that harness with SIGKILL. */
async function startAndKill(choice: 'embedded' | 'container'): Promise<{ postmasterPid: number | undefined }> {
  const module = compiledModule('bench/environment/postgres.ts')
  const harness = `
    import { startPostgres } from ${JSON.stringify(module)}
    const postgres = await startPostgres({ choice: '${choice}', image: 'postgres:18-alpine', maxConnections: 20,
      runId: 'killed', log: () => {}, signal: new AbortController().signal })
    process.send({ pid: postgres.postmasterPid })
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', harness], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, XDG_STATE_HOME: state },
  })
  const ready = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', () => reject(new Error('ended before it was ready')))
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
  return { postmasterPid: z.object({ pid: z.int().optional() }).parse(ready).pid }
}
const lockFolder = join(state, 'authcost', 'runs')

test('an embedded Postgres and its folder are gone after the harness is killed, without another run', async () => {
  const before = temporaryFolders()
  const { postmasterPid = 0 } = await startAndKill('embedded')
  await expect.poll(() => identifyProcess(postmasterPid), { timeout: 8000 }).toBeUndefined()
  await expect.poll(temporaryFolders, { timeout: 8000 }).toEqual(before)
  await cleanUpAfterDeadRuns({ folder: lockFolder })
  expect(readdirSync(lockFolder)).toEqual([])
})

test.runIf(process.platform === 'linux')(
  'an embedded Postgres whose supervisor was killed is ended all the same',
  async () => {
    const before = temporaryFolders()
    const { handle, lock } = start('embedded')
    const postgres = await handle
    const server = identifyProcess(postgres.postmasterPid ?? 0)
    const parent = /^PPid:\s+(\d+)/m.exec(systemFiles.read(`/proc/${server?.pid}/status`) ?? '')?.[1]
    if (server === undefined) throw new Error('Postgres does not run')
    const end = new Promise<string>((resolve) => postgres.onExit(resolve))
    process.kill(Number(parent), 'SIGKILL')
    expect(await end).toContain('watches over Postgres')
    await postgres[Symbol.asyncDispose]()
    expect(isStillRunning(server)).toBe(false)
    expect(temporaryFolders()).toEqual(before)
    expect(lock.empty).toBe(true)
  },
)

test('an embedded start that is interrupted leaves nothing', async () => {
  const before = temporaryFolders()
  const abort = new AbortController()
  const { handle, lock } = start('embedded', { signal: abort.signal })
  setTimeout(() => abort.abort(), 150)
  await expect(handle).rejects.toThrow()
  expect(temporaryFolders()).toEqual(before)
  expect(lock.empty).toBe(true)
})

describe('an external Postgres', () => {
  let server: PostgresHandle
  beforeAll(async () => {
    server = await start('embedded').handle
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  test('loses the schema of the run and nothing else', async () => {
    await ask(server.url, 'CREATE SCHEMA authcost_other')
    const { handle, lock } = start(server.url)
    const external = await handle
    expect(external.kind).toBe('external')
    expect(external.restart).toBeUndefined()
    const beside = external.schemaBeside('20000')
    expect(beside).toBe(`${external.schema}_20000`)
    for (const schema of [external.schema, beside]) await ask(external.url, `CREATE SCHEMA ${schema}`)
    await external[Symbol.asyncDispose]()
    const left = await ask(
      server.url,
      "SELECT array_agg(nspname::text) FROM pg_namespace WHERE nspname LIKE 'authcost_%'",
    )
    expect(left).toEqual(['authcost_other'])
    expect(lock.empty).toBe(true)
  })

  test('is reached by its address alone once PGPASSWORD was used: processes of ours do not have it', async () => {
    const { password } = new URL(server.url)
    process.env.PGPASSWORD = password
    const { handle } = start(server.url.replace(`:${password}@`, '@'))
    const external = await handle.finally(() => {
      delete process.env.PGPASSWORD
    })
    expect(await ask(external.url, 'SELECT 1')).toBe(1)
    await external[Symbol.asyncDispose]()
  })

  test('asks for a password in words', async () => {
    const { password } = new URL(server.url)
    await expect(start(server.url.replace(`:${password}@`, '@')).handle).rejects.toMatchObject({
      code: 'postgres.password-missing',
    })
  })

  test('can be used while a schema is left there that belongs to somebody else', async () => {
    for (const role of ['ann', 'bob']) {
      await ask(server.url, `CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
      await ask(server.url, `GRANT CREATE ON DATABASE authcost TO ${role}`)
    }
    const as = (role: string) => start(server.url.replace(/\/\/postgres:[^@]*@/, `//${role}:${role}@`))
    const killed = as('ann')
    const ann = await killed.handle
    await ask(ann.url, `CREATE SCHEMA ${ann.schema}`)
    const lock = readLockFile(join(state, `${killed.lock.runId}.json`))
    if (lock === undefined) throw new Error('no lock file')
    mkdirSync(lockFolder, { recursive: true })
    const left = join(lockFolder, 'left.json')
    writeLockFile(left, { ...lock, harness: { ...lock.harness, startTime: 'another time' } })

    const second = as('bob')
    await (await second.handle)[Symbol.asyncDispose]()
    expect(second.notices).toEqual([expect.stringMatching(/could not be dropped: it belongs to another user/)])
    expect(readLockFile(left)?.schemas).toHaveLength(1)

    const third = as('ann')
    await (await third.handle)[Symbol.asyncDispose]()
    expect(third.notices).toEqual([`Dropped the schema ${ann.schema}, left by a run that was killed.`])
    expect(existsSync(left)).toBe(false)
    await ann[Symbol.asyncDispose]()
  })

  test('that cannot be reached is an error that shows no password', async () => {
    const error = await start('postgres://me:canary-password@127.0.0.1:1/db').handle.catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'postgres.unreachable', exitCode: 1 })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary')
  })
})

test('an address that cannot be read is a usage error that does not repeat it', async () => {
  const error = await start('postgres://me:canary@host:notaport/db').handle.catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'usage.postgres-url', exitCode: 2 })
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary')
})

const docker = requirement('docker')
describe.skipIf(!docker.available)('a container', () => {
  test('answers at its own address or a published port, survives a restart and is removed', async () => {
    const { handle, lock } = start('container')
    const postgres = await handle
    expect(postgres.kind).toBe('container')
    expect(['direct', 'published']).toContain(postgres.route)
    expect(await ask(postgres.url, 'SHOW max_connections')).toBe('50')
    const listed = (): string =>
      spawnSync('docker', ['ps', '-aq', '--filter', `label=authcost.run=${lock.runId}`], {
        encoding: 'utf8',
      }).stdout.trim()
    expect(listed()).not.toBe('')
    const ends: string[] = []
    postgres.onExit((reason) => ends.push(reason))
    await ask(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS n')
    await postgres.restart?.()
    expect(await ask(postgres.url, 'SELECT n FROM kept')).toBe(42)
    expect(ends).toEqual([])
    spawnSync('docker', ['kill', listed()])
    await expect.poll(() => ends.length).toBe(1)
    expect(ends[0]).toMatch(/last lines:/)
    await postgres[Symbol.asyncDispose]()
    expect(listed()).toBe('')
    expect(lock.empty).toBe(true)
  })

  test('of a run that was killed is removed by the next run', async () => {
    await startAndKill('container')
    const listed = (): string =>
      spawnSync('docker', ['ps', '-aq', '--filter', 'label=authcost.run=killed'], { encoding: 'utf8' }).stdout.trim()
    expect(listed()).not.toBe('')
    const notices = await cleanUpAfterDeadRuns({ folder: lockFolder, removeContainer })
    expect(notices.join()).toContain('Removed container')
    expect(listed()).toBe('')
    expect(readdirSync(lockFolder)).toEqual([])
  })

  test('of an image that cannot be had is an error when asked for, and the embedded one with a notice otherwise', async () => {
    const image = '127.0.0.1:1/none/postgres:0'
    await expect(start('container', { image }).handle).rejects.toMatchObject({ code: 'postgres.image' })
    const automatic = start('auto', { image })
    const postgres = await automatic.handle
    expect(postgres.kind).toBe('embedded')
    expect(automatic.notices.join(' ')).toMatch(/Using the embedded Postgres instead/)
    await postgres[Symbol.asyncDispose]()
  })
})
