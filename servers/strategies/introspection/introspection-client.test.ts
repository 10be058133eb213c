import { createServer, type ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { introspectionClient, mostQuestions } from './introspection-client.ts'

it('refuses to ask where too many wait for a service that is silent, and asks again once it answers', async () => {
  let silent = true
  const held: ServerResponse[] = []
  const service = createServer((_request, response) => {
    if (silent) held.push(response)
    else response.end('{"active":false}')
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const address = service.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  const url = `http://127.0.0.1:${address.port}`
  const client = introspectionClient({ url, clientSecret: 'none', connections: 2, now: Date.now })
  const waiting = Array.from({ length: mostQuestions }, () => client.introspect('token'))
  await expect(client.introspect('token')).rejects.toMatchObject({ code: 'introspection.unavailable' })
  while (held.length < 2) await new Promise((resolve) => setImmediate(resolve))
  silent = false
  for (const response of held) response.end('{"active":false}')
  await Promise.all(waiting)
  expect(await client.introspect('token')).toBeUndefined()
  await client.close()
  service.close()
})
