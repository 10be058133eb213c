import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { seededIdentity } from '../../servers/contract/identity.ts'
import { introspectionClientSecret, introspectionUrlSecret } from '../../servers/contract/introspector-protocol.ts'
import { tokenIssuer } from '../../servers/contract/token-claims.ts'
import { absentDatabase } from '../../servers/database/pool.ts'
import { parseVariant } from '../../servers/strategies/table.ts'
import { RequestSource } from './captured-requests.ts'
import { PartList } from './part-list.ts'
import { stepTable } from './step-table.ts'

const users = [1, 2, 3].map(seededIdentity)

/** An auth service that knows a token for each user, and counts how often it is asked. */
async function startAuthService() {
  let asked = 0
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => {
      asked++
      const user = users[Number(/\d/.exec(body)?.[0])]
      const { userId, username, role } = user ?? seededIdentity(1)
      const exp = Math.floor(Date.now() / 1000) + 600
      response.end(JSON.stringify({ active: true, iss: tokenIssuer, sub: String(userId), username, role, exp }))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, asked: () => asked, stop: () => server.close() }
}

it.each([
  ['introspection', ['parse', 'ask the auth service'], 2],
  ['introspection:cacheTtl=1h', ['parse', 'ask the auth service, cached'], 1],
])('%s: its parts ask the auth service as often as the whole step does', async (text, names, timesAsked) => {
  const service = await startAuthService()
  const source = await RequestSource.open(undefined)
  const tokens = users.map((_, index) => `${index}${'x'.repeat(42)}`)
  const requests = await source.capture(tokens.map((token) => ({ authorization: `Bearer ${token}` })))
  const secrets = { [introspectionUrlSecret]: service.url, [introspectionClientSecret]: 's'.repeat(64) }
  const parts = new PartList()
  const opened = await stepTable.introspection?.(
    { variant: parseVariant(text), context: { database: absentDatabase(), secrets, now: Date.now }, requests },
    parts,
  )
  try {
    expect(opened?.identities).toEqual(users)
    expect(parts.calls.map(({ name }) => name)).toEqual(names)
    // Once each while the parts were put together; what is timed comes after that.
    for (const place of users.keys()) await parts.calls.at(-1)?.call(place)
    expect(service.asked()).toBe(timesAsked * users.length)
  } finally {
    await opened?.close()
    await source.close()
    service.stop()
  }
})
