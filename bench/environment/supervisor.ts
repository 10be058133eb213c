import { fork } from 'node:child_process'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { compiledPath } from './compiled-path.ts'
import { type LogRing, withLog } from './log-ring.ts'
import type { ExitListeners, PostgresRequest } from './postgres-handle.ts'
import { endProcess, identifyProcess, type ProcessIdentity } from './process-identity.ts'
import { fromSupervisorSchema, type ToSupervisor } from './supervisor-protocol.ts'

/** The process that watches over an embedded Postgres, as the harness sees it. */
export interface Supervisor {
  serverPid(): number | undefined
  /**
   * Starts a server; resolves when its process runs, not when it is ready.
   *
   * @throws {AuthcostError} `postgres.embedded-start` when it cannot be started; the signal's reason when it aborts.
   */
  start(message: ToSupervisor): Promise<void>
  /** The same with the server that was started before, which is stopped first. */
  restart(): Promise<void>
  stop(): Promise<void>
}

interface Waiting {
  resolve(): void
  reject(error: unknown): void
}

export function startSupervisor(
  { lock, signal }: Pick<PostgresRequest, 'lock' | 'signal'>,
  log: LogRing,
  exits: ExitListeners,
): Supervisor {
  const child = fork(compiledPath('bench/environment/postgres-supervisor.ts'), [], {
    // A group of its own: Ctrl-C on the terminal must not reach it.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log.write(text))
  if (child.pid !== undefined) lock.addProcess(child.pid)
  let server: ProcessIdentity | undefined
  let waiting: Waiting | undefined
  const refuse = (sentence: string): void =>
    waiting?.reject(new AuthcostError('postgres.embedded-start', withLog(sentence, log)))
  child.on('message', (raw) => {
    const message = fromSupervisorSchema.parse(raw)
    if (message.type === 'output') log.write(message.text)
    else if (message.type === 'started') {
      server = identifyProcess(message.pid)
      try {
        lock.addProcess(message.pid)
        waiting?.resolve()
      } catch (error) {
        refuse(
          `The embedded Postgres cannot be noted in the lock file: ${error instanceof Error ? error.message : error}.`,
        )
      }
    } else {
      // With one running, this is the end that a restart begins with.
      if (server === undefined) refuse(`The embedded Postgres ${message.reason}.`)
      else lock.removeProcess(server.pid)
      server = undefined
      exits.fire(withLog(`Postgres ${message.reason}.`, log))
    }
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.on('error', (error) => {
      log.write(`${error.message}\n`)
      // What never ran does not exit.
      if (child.pid === undefined) resolve()
    })
  })
  void ended.then(() => {
    if (child.pid !== undefined) lock.removeProcess(child.pid)
    refuse('The process that watches over Postgres ended.')
    exits.fire(withLog('The process that watches over Postgres ended.', log))
  })
  const send = async (message: ToSupervisor): Promise<void> => {
    signal.throwIfAborted()
    const aborted = (): void => waiting?.reject(signal.reason)
    signal.addEventListener('abort', aborted, { once: true })
    try {
      await new Promise<void>((resolve, reject) => {
        waiting = { resolve, reject }
        child.send(message, (error) => {
          if (error !== null)
            refuse(`The process that watches over Postgres cannot be told anything: ${error.message}.`)
        })
      })
    } finally {
      waiting = undefined
      signal.removeEventListener('abort', aborted)
    }
  }
  return {
    serverPid: () => server?.pid,
    start: (message) => send(message),
    restart: () => send({ type: 'restart' }),
    async stop() {
      if (child.connected) child.send({ type: 'stop' } satisfies ToSupervisor, () => undefined)
      // What cannot stop by itself is ended; the lock file still names Postgres then.
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(timer)
      // The supervisor itself may have been killed, and Postgres with its folder left to us.
      if (server !== undefined) {
        await endProcess(server)
        lock.removeProcess(server.pid)
      }
    },
  }
}
