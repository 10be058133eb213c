import {
  type FromIntrospector,
  fromIntrospectorSchema,
  type IntrospectorConfiguration,
  type ToIntrospector,
} from '../../servers/contract/introspector-protocol.ts'
import { protocolVersion } from '../../servers/contract/protocol.ts'
import { asker } from './ask.ts'
import { Child } from './child.ts'

const ask = asker<ToIntrospector, FromIntrospector>(fromIntrospectorSchema)

export interface IntrospectorOptions {
  /** For messages: the variant it answers for. */
  readonly name: string
  readonly configuration: Omit<IntrospectorConfiguration, 'protocolVersion'>
  readonly nodeFlags: readonly string[]
}

/** One auth service in a process of its own. */
export class IntrospectorProcess implements AsyncDisposable {
  readonly url: string
  readonly child: Child

  private constructor(child: Child, url: string) {
    this.child = child
    this.url = url
  }

  /** Starts the process, configures it over IPC and waits until it listens. */
  static async start({ name, configuration, nodeFlags }: IntrospectorOptions): Promise<IntrospectorProcess> {
    const child = await Child.start({
      name: `auth service of ${name}`,
      entry: 'servers/introspector.ts',
      nodeFlags,
    })
    try {
      const request = { type: 'configure', configuration: { ...configuration, protocolVersion } } as const
      const reply = await ask(child, request, 'ready')
      return new IntrospectorProcess(child, `http://${configuration.host}:${reply.port}`)
    } catch (error) {
      await child.stop(500)
      throw error
    }
  }

  async warmPool(): Promise<void> {
    await ask(this.child, { type: 'warm-pool' }, 'done')
  }

  async setPoolSize(poolSize: number): Promise<void> {
    await ask(this.child, { type: 'set-pool-size', poolSize }, 'done')
  }

  /** Queries and CPU so far; answering this is not counted. */
  async snapshot(): Promise<{ readonly queries: number; readonly introspections: number; readonly cpuUs: number }> {
    return ask(this.child, { type: 'snapshot' }, 'snapshot')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stop()
  }
}
