import { createServer, type ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { introspectionClient, mostQuestions } from './introspection-client.ts'

const connections = 20

async function serviceThat(answers: (response: ServerResponse) => void) {
  const service = createServer((_request, response) => answers(response))
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const address = service.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  const url = `http://127.0.0.1:${address.port}`
  const client = introspectionClient({ url, clientSecret: 'none', connections, now: Date.now })
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.close()
      service.close()
    },
  }
}

const asked = (client: { introspect(token: string): Promise<unknown> }, times: number): Promise<unknown>[] =>
  Array.from({ length: times }, () => client.introspect('token'))

it('refuses to ask where too many wait for a service that is silent, and asks again once it answers', async () => {
  let silent = true
  const held: ServerResponse[] = []
  await using service = await serviceThat((response) => {
    if (silent) held.push(response)
    else response.end('{"active":false}')
  })
  const { client } = service
  const waiting = asked(client, mostQuestions)
  await expect(client.introspect('token')).rejects.toMatchObject({ code: 'introspection.unavailable' })
  while (held.length < connections) await new Promise((resolve) => setImmediate(resolve))
  silent = false
  for (const response of held) response.end('{"active":false}')
  await Promise.all(waiting)
  expect(await client.introspect('token')).toBeUndefined()
})

it('asks for every connection that a plan may have at once', async () => {
  await using service = await serviceThat((response) => response.end('{"active":false}'))
  const answers = await Promise.all(asked(service.client, 4096))
  expect(new Set(answers)).toEqual(new Set([undefined]))
})
