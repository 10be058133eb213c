import { randomBytes } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { freePort } from '../environment/free-port.ts'
import type { RunLock } from '../environment/lock-file.ts'
import { Child } from './child.ts'
import { processCpuUs } from './process-cpu.ts'
import { answersPing, type RedisHandle } from './redis-handle.ts'
import { fromRedisSupervisorSchema } from './redis-supervisor-protocol.ts'

/** Programs that speak the protocol, in the order in which they are looked for. */
const programs = ['redis-server', 'valkey-server']

/** Where a Redis or Valkey is installed; undefined where none is. Relative parts of PATH are not trusted. */
export function findRedisProgram(path: string = process.env.PATH ?? ''): string | undefined {
  for (const program of programs) {
    for (const folder of path.split(delimiter).filter(isAbsolute)) {
      try {
        accessSync(join(folder, program), constants.X_OK)
        return join(folder, program)
      } catch {
        // Not here; perhaps in the next folder.
      }
    }
  }
  return undefined
}

/** Someone may take a port between its being found free and its being used. */
const attempts = 3

/**
 * Starts a Redis of our own: on loopback, with a password, without persistence, gone with the harness.
 *
 * @throws {AuthcostError} `redis.start` with its last lines when it does not answer.
 */
export async function startRedisProgram(program: string, lock: RunLock, signal: AbortSignal): Promise<RedisHandle> {
  const password = randomBytes(24).toString('hex')
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const child = await Child.start({
      name: program,
      entry: 'bench/launch/redis-supervisor.ts',
    })
    lock.addProcess(child.pid)
    let pid: number | undefined
    let ended = false
    child.onUnexpectedExit(() => {
      ended = true
    })
    const stop = async (): Promise<void> => {
      await child.stop()
      lock.removeProcess(child.pid)
      if (pid !== undefined) lock.removeProcess(pid)
    }
    try {
      const reply = await child.request({ program, configuration: configuration(port, password) }, 10_000)
      pid = fromRedisSupervisorSchema.parse(reply).pid
      lock.addProcess(pid)
      const address = { host: '127.0.0.1', port, password }
      if (!(await answersPing(address, () => ended, signal))) {
        const lines = child.lastLines().slice(-8).join('\n')
        throw new AuthcostError('redis.start', `${program} did not answer. Its last lines:\n${lines}`)
      }
      return handleOf(child, pid, `redis://:${password}@127.0.0.1:${port}`, stop)
    } catch (error) {
      await stop()
      const taken = child.lastLines().some((line) => /address already in use/i.test(line))
      if (!taken || attempt === attempts) throw error
    }
  }
}

const configuration = (port: number, password: string): string =>
  [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    // No snapshot, no log of commands: a fork or an fsync would fall into some slices and not into others.
    'save ""',
    'appendonly no',
    'daemonize no',
    'logfile ""',
    '',
  ].join('\n')

function handleOf(child: Child, pid: number, url: string, stop: () => Promise<void>): RedisHandle {
  return {
    kind: 'program',
    url,
    route: 'loopback',
    pid,
    cpuUs: () => processCpuUs(pid),
    onExit: (callback) => child.onUnexpectedExit((error) => callback(error.message)),
    [Symbol.asyncDispose]: stop,
  }
}
