import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { Strategy } from '../../servers/contract/strategy.ts'

/**
 * Makes real requests of Fastify's, kept for as long as they are asked about. What node pays for parsing headers is paid
 * here, once, and is no part of what is timed afterwards; neither is it the strategy's.
 */
export class RequestSource {
  readonly #app: FastifyInstance
  #captured: FastifyRequest[] = []

  private constructor(app: FastifyInstance) {
    this.#app = app
  }

  /** @param plugin what a library adds to the framework, registered as its server does. */
  static async open(plugin: Strategy['plugin']): Promise<RequestSource> {
    const app = Fastify()
    const source = new RequestSource(app)
    if (plugin !== undefined) await plugin(app)
    app.get('/me', (request, reply) => {
      source.#captured.push(request)
      reply.send('')
    })
    await app.ready()
    return source
  }

  /** One request for each set of headers, in order. */
  async capture(headers: readonly Readonly<Record<string, string>>[]): Promise<readonly FastifyRequest[]> {
    this.#captured = []
    for (const set of headers) await this.#app.inject({ url: '/me', headers: { ...set } })
    if (this.#captured.length !== headers.length) {
      throw new AuthcostError('micro.requests', `Fastify made ${this.#captured.length} of ${headers.length} requests.`)
    }
    return this.#captured
  }

  async close(): Promise<void> {
    await this.#app.close()
  }
}
