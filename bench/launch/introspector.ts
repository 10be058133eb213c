import { pathToFileURL } from 'node:url'
import { AuthcostError } from '../../servers/contract/errors.ts'
import {
  type FromIntrospector,
  fromIntrospectorSchema,
  type IntrospectorConfiguration,
  type ToIntrospector,
} from '../../servers/contract/introspector-protocol.ts'
import { protocolVersion } from '../../servers/contract/protocol.ts'
import { compiledPath } from '../environment/compiled-path.ts'
import { Child } from './child.ts'

type Request = ToIntrospector extends infer M ? (M extends { requestId: number } ? Omit<M, 'requestId'> : never) : never

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
      module: pathToFileURL(compiledPath(import.meta.url, '../../servers/introspector.ts')),
      nodeFlags,
    })
    try {
      const request: Request = { type: 'configure', configuration: { ...configuration, protocolVersion } }
      const reply = await ask(child, request)
      if (reply.type !== 'ready') throw unexpected(child, reply)
      return new IntrospectorProcess(child, `http://${configuration.host}:${reply.port}`)
    } catch (error) {
      await child.stop(500)
      throw error
    }
  }

  async warmPool(): Promise<void> {
    await ask(this.child, { type: 'warm-pool' })
  }

  /** Queries and CPU so far; answering this is not counted. */
  async snapshot(): Promise<{ readonly queries: number; readonly introspections: number; readonly cpuUs: number }> {
    const reply = await ask(this.child, { type: 'snapshot' })
    if (reply.type !== 'snapshot') throw unexpected(this.child, reply)
    return reply
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stop()
  }
}

async function ask(child: Child, request: Request): Promise<FromIntrospector> {
  const reply = fromIntrospectorSchema.parse(await child.request(request, 30_000))
  if (reply.type === 'failed') throw new AuthcostError(reply.code, `${child.name}: ${reply.message}`)
  return reply
}

const unexpected = (child: Child, reply: FromIntrospector): AuthcostError =>
  new AuthcostError('launch.protocol', `${child.name} answered "${reply.type}" where something else was due.`)
