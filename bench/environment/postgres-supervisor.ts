import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { type FromSupervisor, type ToSupervisor, toSupervisorSchema } from './supervisor-protocol.ts'

/*
 * Process entry. Starts one embedded Postgres for the harness and outlives it just long enough: when the channel to the
 * harness closes, by whatever means (SIGKILL included), Postgres is ended and its folder removed.
 */

type Start = Extract<ToSupervisor, { type: 'start' }>

let start: Start | undefined
let server: ChildProcess | undefined
let ending = false

const tell = (message: FromSupervisor): void => {
  // The harness may be gone already; then nobody listens and nothing is lost.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function launch(options: Start): void {
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: options.folder,
    // Nothing of the user's environment reaches Postgres: PG* variables would change it.
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  })
  server = child
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => tell({ type: 'output', text }))
  }
  child.on('error', (error) => {
    if (server === child) server = undefined
    tell({ type: 'exited', reason: `could not be started (${error.message})` })
  })
  child.on('exit', (code, signal) => {
    if (server === child) server = undefined
    tell({ type: 'exited', reason: signal === null ? `ended with exit code ${code}` : `was ended by ${signal}` })
  })
  if (child.pid !== undefined) tell({ type: 'started', pid: child.pid })
}

/** Sends the postmaster a signal and waits for its end; after `patienceMs` it is killed. */
async function end(signal: NodeJS.Signals, patienceMs: number): Promise<void> {
  const child = server
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await ended
  clearTimeout(timer)
}

async function finish(): Promise<void> {
  if (ending) return
  ending = true
  // Immediate shutdown: the data is thrown away, so a checkpoint would only cost time.
  await end('SIGQUIT', 5000)
  if (start !== undefined) rmSync(start.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  process.exit(0)
}

process.on('message', async (raw) => {
  const message = toSupervisorSchema.parse(raw)
  if (message.type === 'stop') await finish()
  else if (message.type === 'start') {
    start = message
    launch(message)
  } else if (start !== undefined) {
    // Fast shutdown with its checkpoint: the next start must not have to recover. A big one may take its time.
    await end('SIGINT', 60_000)
    if (!ending) launch(start)
  }
})
process.on('disconnect', finish)
process.on('SIGTERM', finish)
// Ctrl-C is the harness's business; it says when to stop.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)
