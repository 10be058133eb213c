import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { identityBody, seededIdentity } from './contract/identity.ts'
import type { PreparationReport } from './contract/preparation.ts'
import { type FromServer, fromServerSchema, type ServerConfiguration, type ToServer } from './contract/protocol.ts'
import { startTestPostgres, type TestPostgres } from './database/postgres.fixture.ts'
import { smallPreparation } from './database/prepare.fixture.ts'
import { testConfiguration } from './process/server-configuration.fixture.ts'

// The processes are those of the build: measured servers run compiled JavaScript without a loader.
const entry = (name: string): string => fileURLToPath(new URL(`../dist/servers/${name}.js`, import.meta.url))
const schema = 'authcost_start'

let postgres: TestPostgres
const children: ChildProcess[] = []
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => postgres?.[Symbol.asyncDispose]())

function start(name: string): ChildProcess {
  const child = fork(entry(name), { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  children.push(child)
  return child
}

async function configurationOf(text: string, more: Partial<ServerConfiguration> = {}): Promise<ServerConfiguration> {
  const { secrets, ...configuration } = await testConfiguration(text, {
    databaseUrl: postgres.url,
    databaseSchema: schema,
    applicationName: 'authcost-start-test',
    poolSize: 3,
  })
  const { sessionSecret } = smallPreparation('', '')
  return { ...configuration, secrets: { ...secrets, sessionSecret }, ...more }
}

let lastRequestId = 0
type Request = ToServer extends infer M ? (M extends { requestId: number } ? Omit<M, 'requestId'> : never) : never

async function ask(child: ChildProcess, message: Request): Promise<FromServer> {
  const requestId = ++lastRequestId
  const answer = once(child, 'message')
  child.send({ ...message, requestId })
  const [raw] = await answer
  const reply = fromServerSchema.parse(raw)
  expect(reply.requestId).toBe(requestId)
  return reply
}

async function running(
  text: string,
  more: Partial<ServerConfiguration> = {},
): Promise<{ child: ChildProcess; port: number }> {
  const child = start('start')
  const ready = await ask(child, { type: 'configure', configuration: await configurationOf(text, more) })
  if (ready.type !== 'ready') throw new Error(JSON.stringify(ready))
  expect(ready.pid).toBe(child.pid)
  return { child, port: ready.port }
}

async function snapshotOf(child: ChildProcess) {
  const reply = await ask(child, { type: 'snapshot', timeoutMs: 1000 })
  if (reply.type !== 'snapshot') throw new Error(JSON.stringify(reply))
  return reply.snapshot
}

function me(port: number, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/me', headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.once('error', reject)
    sent.end()
  })
}

const exitOf = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? (await once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null)))

describe('prepare-database', () => {
  it('reports progress, then done, and ends', async () => {
    const child = start('prepare-database')
    const reports: PreparationReport[] = []
    child.on('message', (report: PreparationReport) => reports.push(report))
    child.send(smallPreparation(postgres.url, schema))
    expect(await exitOf(child)).toBe(0)
    expect(reports.at(-1)).toMatchObject({ type: 'done', notices: [] })
    expect(reports.filter(({ type }) => type === 'progress').length).toBeGreaterThan(3)
  })

  it('ends with one failed message and exit code 1', async () => {
    const child = start('prepare-database')
    child.send(smallPreparation('postgres://nobody@127.0.0.1:1/none', schema))
    const [report] = await once(child, 'message')
    expect(report).toMatchObject({ type: 'failed', code: 'database.unreachable' })
    expect(await exitOf(child)).toBe(1)
  })
})

describe('a server process', () => {
  it.each(['none', 'session', 'jwt:alg=ES256', 'jwt:transport=bearer'])(
    'serves %s: issues headers, answers, counts',
    async (text) => {
      const { child, port } = await running(text)
      expect((await ask(child, { type: 'warm-pool' })).type).toBe('done')
      const issued = await ask(child, {
        type: 'issue',
        fromUserId: 1,
        toUserId: 10,
        nowMs: Date.now(),
        lifetimeS: 60,
        fresh: false,
      })
      if (issued.type !== 'issued') throw new Error(JSON.stringify(issued))
      expect(issued.requestHeaders).toHaveLength(10)

      const before = await snapshotOf(child)
      for (const [i, headers] of issued.requestHeaders.entries()) {
        expect(await me(port, headers)).toEqual({ status: 200, body: identityBody(seededIdentity(i + 1)) })
      }
      expect((await me(port, {})).status).toBe(401)
      const after = await snapshotOf(child)
      expect(after.requests - before.requests).toBe(11)
      expect(after.refusals - before.refusals).toBe(1)
      expect(after.queries - before.queries).toBe(text === 'session' ? 10 : 0)
      expect(after.inFlight).toBe(0)
      expect(after.bytesWritten).toBeGreaterThan(before.bytesWritten)
      expect(after.bytesRead).toBeGreaterThan(before.bytesRead)
      expect(after.readingCpuUs).toBeGreaterThan(before.readingCpuUs)
      expect(after.pool).toEqual(
        text === 'session' ? expect.objectContaining({ total: 3, idle: 3, waiting: 0 }) : undefined,
      )

      expect((await ask(child, { type: 'stop' })).type).toBe('done')
      expect(await exitOf(child)).toBe(0)
    },
  )

  it.each(['session', 'jwt'])(
    'makes fresh credentials of %s that are good, or expired where they were issued long ago',
    async (text) => {
      const { child, port } = await running(text)
      const issue = async (nowMs: number): Promise<Record<string, string>> => {
        const issued = await ask(child, {
          type: 'issue',
          fromUserId: 3,
          toUserId: 3,
          nowMs,
          lifetimeS: 60,
          fresh: true,
        })
        if (issued.type !== 'issued') throw new Error(JSON.stringify(issued))
        return issued.requestHeaders[0] ?? {}
      }
      expect((await me(port, await issue(Date.now()))).status).toBe(200)
      expect((await me(port, await issue(Date.now() - 3_600_000))).status).toBe(401)
    },
  )

  it('waits with a snapshot until nothing is in flight, and no longer than asked', async () => {
    const { child, port } = await running('synthetic:wait=300ms')
    const pending = me(port, { 'x-authcost-user': '1.user-1.member' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const early = await ask(child, { type: 'snapshot', timeoutMs: 1 })
    expect(early).toMatchObject({ snapshot: { inFlight: 1, requests: 0 } })
    const settled = await ask(child, { type: 'snapshot', timeoutMs: 5000 })
    expect(settled).toMatchObject({ snapshot: { inFlight: 0, requests: 1, strategy: { syntheticCount: 1 } } })
    expect((await pending).status).toBe(200)
  })

  it('changes the size of its pool while it lives', async () => {
    const { child } = await running('session')
    await ask(child, { type: 'warm-pool' })
    await ask(child, { type: 'set-pool-size', poolSize: 1 })
    expect((await snapshotOf(child)).pool?.total).toBe(1)
  })

  it.each<[string, Partial<ServerConfiguration>, string]>([
    ['none', { host: '0.0.0.0' }, 'server.host'],
    ['synthetic', { host: '0.0.0.0' }, 'server.host'],
    ['session', { host: '0.0.0.0', insecureCookies: true }, 'server.host'],
    ['jwt', { secrets: {} }, 'jwt.secrets'],
    ['session', { strategy: 'sesion' }, 'usage.strategy'],
  ])('refuses to start (%s, %j) with one message and exit code 1', async (text, more, code) => {
    const child = start('start')
    const reply = await ask(child, { type: 'configure', configuration: await configurationOf(text, more) })
    expect(reply).toMatchObject({ type: 'failed', code })
    expect(await exitOf(child)).toBe(1)
  })

  it('ends when its channel closes', async () => {
    const { child } = await running('session')
    child.disconnect()
    expect(await exitOf(child)).toBe(0)
  })

  it('leaves Ctrl-C to the harness', async () => {
    const { child, port } = await running('none')
    child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await me(port, { 'x-authcost-user': '1.user-1.member' })).status).toBe(200)
  })

  it('tells of a message it cannot read, without repeating it', async () => {
    const { child } = await running('none')
    const answer = once(child, 'message')
    child.send({ type: 'nonsense', secret: 'canary-value' })
    const [reply] = await answer
    expect(reply).toMatchObject({ type: 'failed', code: 'server.protocol' })
    expect(JSON.stringify(reply)).not.toContain('canary-value')
  })

  it("runs a strategy file of the user's own", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'authcost-own-'))
    const file = join(folder, 'mine.mjs')
    const define = pathToFileURL(join(entry('start'), '..', 'contract', 'define-strategy.js')).href
    const zod = import.meta.resolve('zod')
    await writeFile(
      file,
      `import { defineStrategy } from ${JSON.stringify(define)}
import { z } from ${JSON.stringify(zod)}
export const strategy = defineStrategy({
  name: 'mine', summary: 'believes a header', parameters: z.object({ role: z.string().default('member').describe('role') }),
  label: () => 'Mine', needs: () => [], warnings: () => [], createSecrets: async () => ({}),
  traits: () => ({ form: 'opaque', carrier: { kind: 'header', name: 'x-mine' }, revocation: { kind: 'not-applicable' } }),
  load: async () => async ({ role }) => ({
    authenticate: ({ headers }) => headers['x-mine'] ? { userId: Number(headers['x-mine']), username: 'me', role } : { refused: 'missing' },
    issue: async (user) => ({ cookies: [], requestHeaders: { 'x-mine': String(user.userId) } }),
    revoke: async () => {}, cookies: [], close: async () => {},
  }),
})
`,
    )
    try {
      const { port } = await running('none', { strategy: './mine.mjs', file, parameters: { role: 'admin' } })
      expect(await me(port, { 'x-mine': '4' })).toEqual({
        status: 200,
        body: '{"userId":4,"username":"me","role":"admin"}',
      })
      await expect(running('none', { file: join(folder, 'absent.mjs') })).rejects.toThrow(/strategy.file/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
