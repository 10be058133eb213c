import {
  type FromIssuer,
  fromIssuerSchema,
  type IssuerConfiguration,
  type ToIssuer,
} from '../../servers/contract/issuer-protocol.ts'
import { protocolVersion } from '../../servers/contract/protocol.ts'
import { asker } from './ask.ts'
import { Child } from './child.ts'

const ask = asker<ToIssuer, FromIssuer>(fromIssuerSchema)

export interface IssuerOptions extends Pick<IssuerConfiguration, 'parameters' | 'secrets'> {
  /** For messages. */
  readonly name: string
  readonly nodeFlags: readonly string[]
}

/** The process that signs the tokens of a variant with a remote issuer, and publishes their keys. */
export class IssuerProcess implements AsyncDisposable {
  readonly url: string
  readonly child: Child

  private constructor(child: Child, port: number) {
    this.child = child
    this.url = `http://127.0.0.1:${port}`
  }

  /** Starts the process on a free port of loopback, configures it over IPC and waits until it listens. */
  static async start({ name, nodeFlags, parameters, secrets }: IssuerOptions): Promise<IssuerProcess> {
    const child = await Child.start({
      name: `issuer of ${name}`,
      entry: 'servers/issuer.ts',
      nodeFlags,
    })
    try {
      const configuration = { parameters, secrets, protocolVersion, host: '127.0.0.1', port: 0 } as const
      const reply = await ask(child, { type: 'configure', configuration }, 'ready')
      return new IssuerProcess(child, reply.port)
    } catch (error) {
      await child.stop(500)
      throw error
    }
  }

  /** From now on another key signs; tokens of the old one are accepted until they expire. */
  async rotate(): Promise<void> {
    await ask(this.child, { type: 'rotate' }, 'done')
  }

  /** CPU of all its threads so far, microseconds. */
  async cpuUs(): Promise<number> {
    return (await ask(this.child, { type: 'snapshot' }, 'snapshot')).cpuUs
  }

  async stop(): Promise<void> {
    await this.child.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
