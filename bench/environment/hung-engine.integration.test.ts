import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RunLock } from './lock-file.ts'
import { startPostgres } from './postgres.ts'

const asked: string[] = []
/** A Docker engine that says what it is, and answers nothing else. */
const engine = createServer((request, response) => {
  asked.push(request.url ?? '')
  if (/\/(_ping|info|version)$/.test(request.url ?? '')) {
    response.setHeader('content-type', 'application/json').end('{"OperatingSystem":"hung","OSType":"linux"}')
  }
})
const folder = mkdtempSync(join(tmpdir(), 'authcost-test-engine-'))

beforeAll(async () => {
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve))
  const address = engine.address()
  process.env.DOCKER_HOST = `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterAll(() => {
  engine.closeAllConnections()
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

test('Ctrl-C ends a run that waits for a Docker engine which has stopped answering', async () => {
  const lock = new RunLock('hung', folder)
  const abort = new AbortController()
  const started = startPostgres({
    choice: 'container',
    image: 'postgres:18-alpine',
    maxConnections: 20,
    runId: 'hung',
    lock,
    log: () => undefined,
    signal: abort.signal,
  })
  started.catch(() => undefined)
  await expect.poll(() => asked.join(' '), { timeout: 10_000 }).toContain('/images/')
  abort.abort(new Error('Ctrl-C'))
  await expect(started).rejects.toThrow('Ctrl-C')
  lock.close()
}, 20_000)
