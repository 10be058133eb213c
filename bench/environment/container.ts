import { randomBytes } from 'node:crypto'
import { type ContainerRuntimeClient, GenericContainer, ImageName, Wait } from 'testcontainers'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { connectWhenReady } from './connection.ts'
import { type ContainerAddress, containerAddress } from './container-address.ts'
import { removeQuietly, startUntilAborted } from './container-engine.ts'
import { LogRing, withLog } from './log-ring.ts'
import { besideSchema, ExitListeners, ownSchema, type PostgresHandle, type PostgresRequest } from './postgres-handle.ts'
import { describeServer, ownServerSettings, prepareOwnServer } from './postgres-settings.ts'
import { untilAborted } from './until-aborted.ts'

/** testcontainers keeps the host configuration to subclasses: CPUs, shared memory and the address to publish on. */
class PostgresContainer extends GenericContainer {
  readonly #created: (id: string) => void

  constructor(image: string, local: boolean, cpus: string | undefined, created: (id: string) => void) {
    super(image)
    this.#created = created
    this.withExposedPorts(5432)
    // Published on loopback only, unless the engine is elsewhere and loopback would be its own.
    if (local) this.hostConfig.PortBindings = { '5432/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] }
    if (cpus !== undefined) this.hostConfig.CpusetCpus = cpus
    // Parallel index builds after seeding millions of rows need more than Docker's 64 MB.
    this.hostConfig.ShmSize = 2 ** 30
  }

  // Noted before it starts, so that even a harness killed meanwhile leaves a trace to clean up by.
  protected override async containerCreated(id: string): Promise<void> {
    this.#created(id)
  }
}

/**
 * Starts Postgres in a container of its own and finds the shortest way to it.
 *
 * @throws {AuthcostError} `postgres.image` when the image cannot be had, `postgres.container` when it does not start.
 */
export async function startContainer(
  request: PostgresRequest,
  engine: ContainerRuntimeClient,
): Promise<PostgresHandle> {
  await untilAborted(obtainImage(request, engine), request.signal)
  const password = randomBytes(24).toString('hex')
  const log = new LogRing()
  const local = ['localhost', '127.0.0.1'].includes(engine.info.containerRuntime.host)
  const define = (created: (id: string) => void) =>
    new PostgresContainer(request.image, local, request.cpus, created)
      .withEnvironment({ POSTGRES_PASSWORD: password, POSTGRES_DB: 'authcost', POSTGRES_INITDB_ARGS: '--no-sync' })
      .withCommand(['postgres', ...ownServerSettings(request).flatMap((setting) => ['-c', setting])])
      .withLabels({ 'authcost.run': request.runId, 'authcost.pid': String(process.pid) })
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/))
      .withStartupTimeout(60_000)
      .withLogConsumer((stream) => stream.on('data', (chunk) => log.write(String(chunk))))
  try {
    return await startUntilAborted(request, async (created) => {
      const started = await define(created).start()
      request.signal.throwIfAborted()
      return handleOf(request, engine, started.getId(), password, log)
    })
  } catch (error) {
    request.signal.throwIfAborted()
    if (error instanceof AuthcostError && error.code !== 'postgres.unreachable') throw error
    throw new AuthcostError(
      'postgres.container',
      withLog(`The container of image ${request.image} did not start${causeOf(error)}.`, log),
      {
        cause: error,
      },
    )
  }
}

/** Pulls the image unless it is there; bounded, because an engine without network may wait for minutes. */
async function obtainImage(request: PostgresRequest, engine: ContainerRuntimeClient): Promise<void> {
  const image = ImageName.fromString(request.image)
  try {
    if (await engine.image.exists(image)) return
    request.log(`Pulling image ${request.image} ...`)
    const limit = AbortSignal.timeout(180_000)
    await untilAborted(engine.image.pull(image), limit).catch((error: unknown) => {
      throw error === limit.reason ? new Error('took longer than 3 minutes') : error
    })
    if (await engine.image.exists(image)) return
    throw new Error('not found')
  } catch (error) {
    request.signal.throwIfAborted()
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new AuthcostError(
      'postgres.image',
      `The image ${request.image} is neither on this machine nor can it be pulled (${why}). Name another with --postgres-image, or use --postgres embedded.`,
      { cause: error },
    )
  }
}

async function handleOf(
  request: PostgresRequest,
  engine: ContainerRuntimeClient,
  id: string,
  password: string,
  log: LogRing,
): Promise<PostgresHandle> {
  const container = engine.container.dockerode.getContainer(id)
  const exits = new ExitListeners()
  let running = true
  const watch = (): void => {
    running = true
    container.wait().then(
      (result: { StatusCode?: number }) => {
        running = false
        exits.fire(withLog(`The container of Postgres ended with exit code ${result.StatusCode ?? 'unknown'}.`, log))
      },
      () => {
        running = false
        exits.fire(withLog('The container of Postgres is gone.', log))
      },
    )
  }
  let address = await addressOf(engine, id)
  const urlAt = (at: ContainerAddress): string => `postgres://postgres:${password}@${at.host}:${at.port}/authcost`
  const restart = async (): Promise<void> => {
    exits.expect(true)
    // Stopping checkpoints first; after a big seed that may take its time.
    await container.restart({ t: 60 })
    address = await addressOf(engine, id)
    const again = await connectWhenReady(urlAt(address), { timeoutMs: 60_000, signal: request.signal })
    await again.end()
    exits.expect(false)
    watch()
    const stream = await engine.container.logs(container, { tail: 0 })
    stream.on('data', (chunk) => log.write(String(chunk)))
  }
  watch()
  const client = await connectWhenReady(urlAt(address), {
    timeoutMs: 30_000,
    signal: request.signal,
    gone: () => exits.ended,
  })
  const description = await prepareOwnServer(client)
    .then(() => describeServer(client))
    .finally(() => client.end())
  return {
    kind: 'container',
    get route() {
      return address.route
    },
    get url() {
      return urlAt(address)
    },
    schema: ownSchema,
    schemaBeside: (suffix) => besideSchema(ownSchema, suffix),
    version: description.version,
    settings: description.settings,
    postmasterPid: undefined,
    state: () => ({ running, lastLogLines: log.lines() }),
    onExit: (callback) => exits.add(callback),
    restart: () => untilAborted(restart(), request.signal),
    async [Symbol.asyncDispose]() {
      exits.expect(true)
      await removeQuietly(request, id)
    },
  }
}

async function addressOf(engine: ContainerRuntimeClient, id: string): Promise<ContainerAddress> {
  const address = await containerAddress(engine, id, 5432)
  if (address !== undefined) return address
  throw new AuthcostError('postgres.container', 'The container published no port. Use --postgres embedded.')
}

/** Why, in the engine's words; and what helps where testcontainers' own helper image cannot be had. */
function causeOf(error: unknown): string {
  const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
  if (/ryuk|pull|registry|no such host/i.test(text)) {
    return `: an image cannot be had (${text.slice(0, 200)}). If it is the one that testcontainers cleans up with, set TESTCONTAINERS_RYUK_DISABLED=true; authcost removes its containers itself`
  }
  return text === '' ? '' : `: ${text.slice(0, 300)}`
}
