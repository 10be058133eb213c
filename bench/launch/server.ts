import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import type { Identity } from '../../servers/contract/identity.ts'
import {
  type FromServer,
  fromServerSchema,
  protocolVersion,
  type ServerConfiguration,
  type ToServer,
} from '../../servers/contract/protocol.ts'
import type { StateSize } from '../../servers/contract/state-size.ts'
import type { IssueOptions } from '../../servers/contract/strategy.ts'
import { asker } from './ask.ts'
import { Child } from './child.ts'

const ask = asker<ToServer, FromServer>(fromServerSchema)

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
      entry: 'servers/start.ts',
      nodeFlags: options.nodeFlags,
      ...(options.env === undefined ? {} : { env: options.env }),
    })
    try {
      const request = { type: 'configure', configuration: { ...configuration, protocolVersion } } as const
      const reply = await ask(child, request, 'ready')
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
    await ask(this.child, { type: 'warm-pool' }, 'done')
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

  /** A user of their own for what should end a credential: never one whose requests are measured. */
  async createUser(
    options: IssueOptions,
  ): Promise<{ readonly user: Identity; readonly requestHeaders: Record<string, string> }> {
    return ask(this.child, { type: 'create-user', ...options }, 'user-created')
  }

  async changeRole(userId: number, role: string): Promise<void> {
    await ask(this.child, { type: 'change-role', userId, role }, 'done')
  }

  /** Cascades through tables that have no index on the user: of millions of rows that takes a second. */
  async deleteUser(userId: number): Promise<void> {
    await ask(this.child, { type: 'delete-user', userId }, 'done', 120_000)
  }

  /** What the strategy keeps; undefined where it does not say. Counting the rows of large tables takes a second. */
  async measureState(): Promise<readonly StateSize[] | undefined> {
    return (await ask(this.child, { type: 'measure-state' }, 'state', 120_000)).sizes
  }

  async setPoolSize(poolSize: number): Promise<void> {
    await ask(this.child, { type: 'set-pool-size', poolSize }, 'done')
  }

  async addAccount(username: string, passwordHash: string): Promise<void> {
    await ask(this.child, { type: 'add-account', username, passwordHash }, 'done', 30_000)
  }

  async stop(): Promise<void> {
    await this.child.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
