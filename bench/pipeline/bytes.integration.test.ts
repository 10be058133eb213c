import { afterAll, beforeAll, expect, it } from 'vitest'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import type { StateSize } from '../../servers/contract/state-size.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { prepareDatabase } from '../../servers/database/prepare.ts'
import { issueHeaders } from '../../servers/process/issue-headers.ts'
import { startRealServer } from '../../servers/process/real-server.fixture.ts'
import { requestBytes } from '../load/request-set.ts'
import { bytesOf, type VariantBytes } from './bytes.ts'

const databaseSchema = 'authcost_bytes'
const sessions = 20_000
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase({ ...smallPreparation(postgres.url, databaseSchema), sessions, users: 100 }, () => {})
})
afterAll(() => postgres[Symbol.asyncDispose]())

async function measured(text: string): Promise<VariantBytes & { readonly one: Readonly<Record<string, string>> }> {
  const { sessionSecret } = smallPreparation(postgres.url, databaseSchema)
  await using real = await startRealServer(text, {
    databaseUrl: postgres.url,
    databaseSchema,
    secrets: { sessionSecret },
  })
  const { strategy } = real.server
  const issue = { nowMs: Date.now(), lifetimeS: 86_400, fresh: false }
  const headers = await issueHeaders(strategy, { fromUserId: 1, toUserId: 100 }, issue)
  const server = { url: real.url, measureState: async () => strategy.measureState?.() }
  const planned = { key: text, role: 'candidate' as const, variant: real.variant }
  return { ...(await bytesOf(planned, server, headers)), one: headers[0] ?? {} }
}

/** Bytes for each of what is kept. */
const each = ({ state }: VariantBytes): readonly (readonly [StateSize['where'], number])[] => {
  if ('absent' in state.sizes) throw new Error(state.sizes.absent)
  return state.sizes.map(({ where, bytes, count }) => [where, bytes / count])
}

it('a session is a row with its index, and in a cache an entry', async () => {
  const found = await measured('session:cacheTtl=1s')
  const [row, entry] = each(found)
  expect(row?.[0]).toBe('postgres')
  // Hash, user, three times and the tuple's header; then the index over the hash.
  expect(row?.[1]).toBeGreaterThan(120)
  expect(row?.[1]).toBeLessThan(250)
  expect(entry?.[0]).toBe('memory')
  expect(entry?.[1]).toBeGreaterThan(100)
  expect(entry?.[1]).toBeLessThan(1000)
})

it('a token keeps its refresh family, and with cache and denylist their entries', async () => {
  expect(each(await measured('jwt:alg=HS256')).map(([where]) => where)).toEqual(['postgres'])
  const sizes = each(await measured('jwt:alg=HS256,cache=100,denylist=memory'))
  expect(sizes.map(([where]) => where)).toEqual(['postgres', 'memory', 'postgres', 'memory'])
  for (const [, bytes] of sizes) {
    expect(bytes).toBeGreaterThan(60)
    expect(bytes).toBeLessThan(500)
  }
})

it('weighing leaves no rows behind', async () => {
  const before = each(await measured('session'))
  await measured('jwt:alg=HS256,denylist=postgres')
  expect(each(await measured('session'))).toEqual(before)
})

it('sealed keeps nothing, and says all', async () => {
  const found = await measured('sealed')
  expect(each(found)).toEqual([])
  expect(found.state).not.toHaveProperty('memory')
})

it.each(['fastify-jwt', 'secure-session'])('%s keeps nothing at rest, and its memory is not weighed', async (text) => {
  const found = await measured(text)
  expect(each(found)).toEqual([])
  expect(found.state.memory).toEqual({ absent: expect.stringContaining('library') })
})

it.each(['fastify-session', 'better-auth'])('%s keeps a session in a table of its own', async (text) => {
  const found = await measured(text)
  const [row, ...others] = each(found)
  expect(found.state.memory).toEqual({ absent: expect.stringContaining('library') })
  expect(others).toEqual([])
  expect(row?.[0]).toBe('postgres')
  expect(row?.[1]).toBeGreaterThan(150)
})

it('counts the request that the driver sends, and an answer up to its body', async () => {
  const { wire, one } = await measured('session')
  expect(wire.requests).toBe(20)
  const host = 'http://127.0.0.1:12345'.slice('http://'.length)
  expect(Math.abs(wire.requestHeaderBytes - requestBytes(host, one).length)).toBeLessThanOrEqual(1)
  const bodies = Array.from({ length: 20 }, (_, n) => identityBody(seededIdentity(n + 1)).length)
  expect(wire.responseBodyBytes).toBeCloseTo(bodies.reduce((sum, bytes) => sum + bytes, 0) / bodies.length)
  expect(wire.responseHeaderBytes).toBeGreaterThan(100)
})

it('a claim makes the request longer by what it takes in base64url', async () => {
  const [plain, large] = [await measured('jwt:alg=HS256'), await measured('jwt:alg=HS256,claims=3000')]
  const grown = large.wire.requestHeaderBytes - plain.wire.requestHeaderBytes
  expect(grown).toBeGreaterThanOrEqual(4000)
  expect(grown).toBeLessThan(4100)
})
