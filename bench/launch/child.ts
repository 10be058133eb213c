import { type ChildProcess, fork } from 'node:child_process'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { type CompiledEntry, compiledPath } from '../environment/compiled-path.ts'
import { OutputRing } from './output-ring.ts'

export interface ChildOptions {
  /** For messages: `server jwt:alg=ES256`. */
  readonly name: string
  /** What runs in it. */
  readonly entry: CompiledEntry
  /** Flags for node itself. */
  readonly nodeFlags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

interface Reply {
  readonly requestId?: number
}

interface Pending {
  resolve(message: unknown): void
  reject(error: Error): void
  readonly timer: NodeJS.Timeout
}

/**
 * A child process with a request/reply channel. It stands in a process group of its own, so that a Ctrl-C on the
 * terminal reaches only the harness; it exits by itself when the channel closes, so that not even SIGKILL of the
 * harness leaves it behind.
 */
export class Child implements AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly #process: ChildProcess
  readonly #pending = new Map<number, Pending>()
  readonly #output = new OutputRing()
  readonly #messageListeners: ((message: unknown) => void)[] = []
  readonly #exitListeners: ((error: AuthcostError) => void)[] = []
  readonly #exited: Promise<void>
  #nextRequestId = 1
  #stopping = false
  #failure: AuthcostError | undefined

  private constructor(name: string, child: ChildProcess, pid: number) {
    this.name = name
    this.pid = pid
    this.#process = child
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#output.append(chunk))
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => this.#output.append(chunk))
    child.on('message', (message: unknown) => this.#onMessage(message))
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#onExit(code, signal)
        resolve()
      })
    })
  }

  /** @throws {AuthcostError} `build.missing` when it has not been built, `launch.spawn` when the process cannot be started. */
  static async start(options: ChildOptions): Promise<Child> {
    const child = fork(compiledPath(options.entry), [], {
      execArgv: [...(options.nodeFlags ?? [])],
      serialization: 'advanced',
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...environmentForChildren(), ...options.env },
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (cause) =>
        reject(new AuthcostError('launch.spawn', `Cannot start ${options.name}: ${cause.message}`, { cause })),
      )
    })
    child.on('error', () => {})
    return new Child(options.name, child, child.pid ?? 0)
  }

  /** Messages that are no reply. */
  onMessage(listener: (message: unknown) => void): void {
    this.#messageListeners.push(listener)
  }

  /** Called once if the child ends without having been stopped. */
  onUnexpectedExit(listener: (error: AuthcostError) => void): void {
    if (this.#failure !== undefined) listener(this.#failure)
    else this.#exitListeners.push(listener)
  }

  lastLines(): readonly string[] {
    return this.#output.lines()
  }

  /**
   * Sends a request and waits for the reply that carries its `requestId`, unparsed.
   *
   * @throws {AuthcostError} `launch.timeout` after `timeoutMs`; `launch.exited` when the child has ended.
   */
  request(message: object, timeoutMs: number): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const requestId = this.#nextRequestId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(requestId)
        reject(
          new AuthcostError(
            'launch.timeout',
            `${this.name} did not answer within ${Math.round(timeoutMs / 1000)} s.${this.#quoteOutput()}`,
          ),
        )
      }, timeoutMs)
      this.#pending.set(requestId, { resolve, reject, timer })
      this.send({ ...message, requestId })
    })
  }

  /** Sends without waiting. A closed channel is noticed by the exit, not here. */
  send(message: object): void {
    this.#process.send(message, (error) => {
      if (error !== null && !this.#stopping) this.#output.append(`channel: ${error.message}\n`)
    })
  }

  /** Closes the channel (the child's sign to end), waits, then kills its group. */
  async stop(graceMs = 3000): Promise<void> {
    this.#stopping = true
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    if (this.#process.connected) this.#process.disconnect()
    const timer = setTimeout(() => {
      try {
        process.kill(-this.pid, 'SIGKILL')
      } catch {
        this.#process.kill('SIGKILL')
      }
    }, graceMs)
    await this.#exited
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #onMessage(message: unknown): void {
    const requestId = isReply(message) ? message.requestId : undefined
    const pending = requestId === undefined ? undefined : this.#pending.get(requestId)
    if (pending === undefined || requestId === undefined) {
      for (const listener of this.#messageListeners) listener(message)
      return
    }
    this.#pending.delete(requestId)
    clearTimeout(pending.timer)
    pending.resolve(message)
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`
    const failure = new AuthcostError('launch.exited', `${this.name} ended unexpectedly ${how}.${this.#quoteOutput()}`)
    this.#failure = failure
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer)
      reject(failure)
    }
    this.#pending.clear()
    if (!this.#stopping) for (const listener of this.#exitListeners) listener(failure)
  }

  #quoteOutput(): string {
    const lines = this.#output.lines().slice(-12)
    return lines.length === 0
      ? ' It wrote nothing.'
      : ` Its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`
  }
}

const isReply = (message: unknown): message is Reply =>
  typeof message === 'object' && message !== null && 'requestId' in message && typeof message.requestId === 'number'

/**
 * Options that would change what is measured must not leak in from the user's shell. What PG* variables say of a database
 * comes with its address (`effectiveAddress`).
 */
function environmentForChildren(): Record<string, string> {
  const dropped = new Set(['NODE_OPTIONS', 'NODE_V8_COVERAGE', 'VITEST', 'PGPASSWORD', 'PGUSER', 'PGHOST', 'PGOPTIONS'])
  const kept: Record<string, string> = { NODE_ENV: 'production' }
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !dropped.has(name)) kept[name] = value
  }
  kept.NODE_ENV = 'production'
  return kept
}
