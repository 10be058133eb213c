import { type ChildProcess, spawn } from 'node:child_process'
import { type FromRedisSupervisor, toRedisSupervisorSchema } from './redis-supervisor-protocol.ts'

/*
 * Process entry. Runs one Redis or Valkey for the harness and ends it when the channel to the harness closes, by
 * whatever means: a server of another program does not know that channel. Nothing is kept, so it is killed at once.
 */

let server: ChildProcess | undefined

const tell = (message: FromRedisSupervisor): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function finish(): void {
  server?.kill('SIGKILL')
  process.exit(0)
}

process.on('message', (raw) => {
  const { requestId, program, configuration } = toRedisSupervisorSchema.parse(raw)
  // Configured through its standard input: a password on the command line could be read by every user.
  const child = spawn(program, ['-'], { stdio: ['pipe', 'inherit', 'inherit'], detached: true, cwd: '/', env: {} })
  server = child
  child.stdin.on('error', () => undefined)
  child.stdin.end(configuration)
  child.once('error', (error) => {
    process.stderr.write(`${program} could not be started: ${error.message}\n`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => {
    process.stderr.write(`${program} ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}\n`)
    process.exit(1)
  })
  child.once('spawn', () => tell({ requestId, pid: child.pid ?? 0 }))
})
process.on('disconnect', finish)
process.on('SIGTERM', finish)
// Ctrl-C is the harness's business; it says when to stop.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)
