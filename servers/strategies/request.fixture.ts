import Fastify, { type FastifyRequest } from 'fastify'

let made: FastifyRequest | undefined
const app = Fastify()
app.get('/', (request, reply) => {
  made = request
  reply.send('')
})

/** A real request of Fastify's, answered already. */
const answered = await app.inject('/').then(() => made)

/** A request with these headers. */
export function requestWith(headers: Readonly<Record<string, string>>): FastifyRequest {
  if (answered === undefined) throw new Error('Fastify made no request')
  return Object.create(answered, { headers: { value: { ...headers } } })
}
