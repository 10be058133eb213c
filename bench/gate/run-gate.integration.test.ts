import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { runGate } from './run-gate.ts'
import { bearer, credulous, type FakeServer, sessionServer, tokenServer } from './servers.fixture.ts'

/** Puts a fake server behind a real socket and runs the gate over HTTP. */
async function gateOverHttp({ target, send }: FakeServer, look?: (request: IncomingMessage) => void) {
  const server = createServer(async (request, response) => {
    look?.(request)
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const answer = await send(request.method === 'POST' ? 'POST' : 'GET', request.url ?? '', headers)
    response.writeHead(answer.status).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address: AddressInfo | string | null = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return await runGate({ ...target, url: `http://127.0.0.1:${port}` })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

it('passes a correct server over HTTP, oversized credential and doubled cookie included', async () => {
  const checks = await gateOverHttp(await tokenServer('RS256'))
  expect(checks.filter((check) => !check.passed)).toEqual([])
  expect(checks.map((check) => check.attack)).toEqual(expect.arrayContaining(['oversized', 'duplicated cookie']))
})

it('sends a header in two lines of its own, of which Node keeps the first', async () => {
  const { target, send } = sessionServer({ carrier: bearer })
  const lines: string[][] = []
  const checks = await gateOverHttp({ target, send }, ({ rawHeaders, headers }) => {
    const values = rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'authorization')
    if (values.length > 1) lines.push([...values, headers.authorization ?? ''])
  })
  expect(checks.filter((check) => !check.passed)).toEqual([])
  const good = expect.stringMatching(/^Bearer [\w-]{43}$/)
  expect(lines).toEqual([['Bearer not-a-credential', good, 'Bearer not-a-credential']])
})

it('fails a credulous server over HTTP', async () => {
  const checks = await gateOverHttp(credulous(await tokenServer('HS256')))
  expect(checks.filter((check) => check.expected === 'refuse' && check.passed)).toEqual([])
})

it('says what to think of a server that is not there', async () => {
  const { target } = await tokenServer('HS256')
  await expect(runGate({ ...target, url: 'http://127.0.0.1:9' })).rejects.toMatchObject({ code: 'gate.no-answer' })
})
