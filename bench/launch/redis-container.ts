import { randomBytes } from 'node:crypto'
import { type ContainerRuntimeClient, GenericContainer, ImageName, Wait } from 'testcontainers'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { containerAddress } from '../environment/container-address.ts'
import { removeQuietly, startUntilAborted } from '../environment/container-engine.ts'
import type { RunLock } from '../environment/lock-file.ts'
import { type SystemFiles, systemFiles } from '../environment/system-files.ts'
import { untilAborted } from '../environment/until-aborted.ts'
import { processCpuUs } from './process-cpu.ts'
import { answersPing, type RedisHandle } from './redis-handle.ts'

/** Valkey on the smallest base; images that are there already are taken first, whichever of them it is. */
const usualImages = ['valkey/valkey:8-alpine', 'redis:7-alpine']
const pullTimeoutMs = 120_000
const redisPort = 6379

class RedisContainer extends GenericContainer {
  readonly #created: (id: string) => void

  constructor(image: string, cpus: string | undefined, created: (id: string) => void) {
    super(image)
    this.#created = created
    this.withExposedPorts(redisPort)
    this.hostConfig.PortBindings = { [`${redisPort}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '0' }] }
    if (cpus !== undefined) this.hostConfig.CpusetCpus = cpus
  }

  // Noted before it starts, so that even a harness killed meanwhile leaves a trace to clean up by.
  protected override async containerCreated(id: string): Promise<void> {
    this.#created(id)
  }
}

export interface RedisContainerRequest {
  readonly runId: string
  readonly lock: RunLock
  readonly cpus?: string
  /** The only image to be used. Absent: one of those in use. */
  readonly image?: string | undefined
  log(line: string): void
  readonly signal: AbortSignal
}

/**
 * Replaces the shell, so that what the engine knows as the container's process is the server. The password comes
 * through the environment and a here-document, because command lines are seen by every user of the machine.
 */
const script = `exec "$(command -v valkey-server || command -v redis-server)" - <<EOF
save ""
appendonly no
requirepass $PASSWORD
EOF
`

/**
 * Starts a Redis in a container of its own, without persistence.
 *
 * @throws {AuthcostError} `redis.container` when no image can be had or it does not answer.
 */
export async function startRedisContainer(
  request: RedisContainerRequest,
  engine: ContainerRuntimeClient,
): Promise<RedisHandle> {
  const image = await untilAborted(obtainImage(engine, request), request.signal)
  try {
    return await startUntilAborted(request, (created) => startOf(image, request, engine, created))
  } catch (error) {
    request.signal.throwIfAborted()
    if (error instanceof AuthcostError) throw error
    throw new AuthcostError('redis.container', `The container of image ${image} did not start.`, { cause: error })
  }
}

async function startOf(
  image: string,
  request: RedisContainerRequest,
  engine: ContainerRuntimeClient,
  created: (id: string) => void,
): Promise<RedisHandle> {
  const password = randomBytes(24).toString('hex')
  const container = await new RedisContainer(image, request.cpus, created)
    .withCommand(['sh', '-c', script])
    .withEnvironment({ PASSWORD: password })
    .withLabels({ 'authcost.run': request.runId, 'authcost.pid': String(process.pid) })
    // Not the usual look at its ports: that runs programs inside, which a small image need not have.
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    .withStartupTimeout(30_000)
    .start()
  const id = container.getId()
  const address = await containerAddress(engine, id, redisPort)
  if (
    address === undefined ||
    !(await answersPing({ host: address.host, port: address.port, password }, () => false, request.signal))
  ) {
    throw new AuthcostError('redis.container', `The container of image ${image} does not answer.`)
  }
  const serverPid = await pidOnThisMachine(engine, id)
  return {
    kind: 'container',
    url: `redis://:${password}@${address.host}:${address.port}`,
    route: address.route,
    pid: undefined,
    cpuUs: () => (serverPid === undefined ? hidden : processCpuUs(serverPid)),
    onExit: () => undefined,
    [Symbol.asyncDispose]: () => removeQuietly(request, id),
  }
}

const hidden = { absent: 'the process of the Redis in its container is not to be seen from here' }

/** An engine in a virtual machine or elsewhere tells pids of its own, which are other processes here or none. */
async function pidOnThisMachine(
  engine: ContainerRuntimeClient,
  id: string,
  files: SystemFiles = systemFiles,
): Promise<number | undefined> {
  const { State } = await engine.container.inspect(engine.container.getById(id))
  const name = files.read(`/proc/${State.Pid}/comm`)?.trim() ?? ''
  return /^(?:redis|valkey)-server/.test(name) ? State.Pid : undefined
}

async function obtainImage(
  engine: ContainerRuntimeClient,
  { image: named, signal }: RedisContainerRequest,
): Promise<string> {
  const images = named === undefined ? usualImages : [named]
  for (const image of images) if (await engine.image.exists(ImageName.fromString(image))) return image
  const limit = AbortSignal.any([signal, AbortSignal.timeout(pullTimeoutMs)])
  for (const image of images) {
    try {
      await untilAborted(engine.image.pull(ImageName.fromString(image)), limit)
      if (await engine.image.exists(ImageName.fromString(image))) return image
    } catch {
      signal.throwIfAborted()
      if (limit.aborted) break
    }
  }
  throw new AuthcostError(
    'redis.container',
    `No image could be pulled (${images.join(', ')}). Name one that is here with --redis-image.`,
  )
}
