import Fastify, { type FastifyRequest } from 'fastify'
import { AuthcostError } from '../../servers/contract/errors.ts'

/**
 * Real requests of Fastify's with these headers, kept for as long as they are asked about. What node pays for parsing
 * headers is paid here, once, and is no part of what is timed afterwards; neither is it the strategy's.
 */
export async function captureRequests(
  headers: readonly Readonly<Record<string, string>>[],
): Promise<readonly FastifyRequest[]> {
  const captured: FastifyRequest[] = []
  const app = Fastify()
  app.get('/me', (request, reply) => {
    captured.push(request)
    reply.send('')
  })
  await app.ready()
  for (const set of headers) await app.inject({ url: '/me', headers: { ...set } })
  await app.close()
  if (captured.length !== headers.length) {
    throw new AuthcostError('micro.requests', `Fastify made ${captured.length} of ${headers.length} requests.`)
  }
  return captured
}
