import { pathToFileURL } from 'node:url'
import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { AuthcostError } from '../../servers/contract/errors.ts'
import {
  type FromServer,
  fromServerSchema,
  protocolVersion,
  type ServerConfiguration,
  type ToServer,
} from '../../servers/contract/protocol.ts'
import { compiledPath } from '../environment/compiled-path.ts'
import { Child } from './child.ts'

type Request = ToServer extends infer M ? (M extends { requestId: number } ? Omit<M, 'requestId'> : never) : never

export interface ServerOptions {
  readonly configuration: Omit<ServerConfiguration, 'protocolVersion'>
  readonly nodeFlags: readonly string[]
  /** Beside the harness's own environment; never a secret. */
  readonly env?: Readonly<Record<string, string>>
}

/** One application server in a process of its own, and what the harness may ask of it. */
export class ServerProcess implements AsyncDisposable {
  readonly url: string
  readonly child: Child
  readonly nodeVersion: string
  readonly variantId: string

  private constructor(child: Child, variantId: string, url: string, nodeVersion: string) {
    this.child = child
    this.variantId = variantId
    this.url = url
    this.nodeVersion = nodeVersion
  }

  /** Starts the process, configures it over IPC and waits until it listens. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const { configuration } = options
    const child = await Child.start({
      name: `server ${configuration.variantId}`,
      module: pathToFileURL(compiledPath(import.meta.url, '../../servers/start.ts')),
      nodeFlags: options.nodeFlags,
      ...(options.env === undefined ? {} : { env: options.env }),
    })
    try {
      const reply = await ask(
        child,
        { type: 'configure', configuration: { ...configuration, protocolVersion } },
        'ready',
        30_000,
      )
      const host = configuration.host.includes(':') ? `[${configuration.host}]` : configuration.host
      return new ServerProcess(child, configuration.variantId, `http://${host}:${reply.port}`, reply.nodeVersion)
    } catch (error) {
      await child.stop(500)
      throw error
    }
  }

  get pid(): number {
    return this.child.pid
  }

  async warmPool(): Promise<void> {
    await ask(this.child, { type: 'warm-pool' }, 'done', 30_000)
  }

  /** Counters once nothing is in flight; after `timeoutMs` with what still is. */
  async snapshot(timeoutMs = 3000): Promise<CounterSnapshot> {
    return (await ask(this.child, { type: 'snapshot', timeoutMs }, 'snapshot', timeoutMs + 5000)).snapshot
  }

  async issue(
    options: Omit<Extract<ToServer, { type: 'issue' }>, 'type' | 'requestId'>,
  ): Promise<Record<string, string>[]> {
    return (await ask(this.child, { type: 'issue', ...options }, 'issued', 120_000)).requestHeaders
  }

  async setPoolSize(poolSize: number): Promise<void> {
    await ask(this.child, { type: 'set-pool-size', poolSize }, 'done', 30_000)
  }

  async stop(): Promise<void> {
    await this.child.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/** @throws {AuthcostError} with the server's own code and message when it answers `failed`. */
async function ask<T extends FromServer['type']>(
  child: Child,
  request: Request,
  expected: T,
  timeoutMs: number,
): Promise<Extract<FromServer, { type: T }>> {
  const reply = fromServerSchema.parse(await child.request(request, timeoutMs))
  if (reply.type === 'failed') throw new AuthcostError(reply.code, `${child.name}: ${reply.message}`)
  if (!isType(reply, expected)) {
    throw new AuthcostError('launch.protocol', `${child.name} answered "${reply.type}" where "${expected}" was due.`)
  }
  return reply
}

const isType = <T extends FromServer['type']>(reply: FromServer, type: T): reply is Extract<FromServer, { type: T }> =>
  reply.type === type
