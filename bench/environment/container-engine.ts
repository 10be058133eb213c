import type { ContainerRuntimeClient } from 'testcontainers'
import type { RunLock } from './lock-file.ts'
import { untilAborted } from './until-aborted.ts'
import { within } from './within.ts'

/** How long a Docker engine may take to answer before it counts as absent: a running one takes a few milliseconds. */
const engineTimeoutMs = 3000

/**
 * The Docker engine, when one answers within 3 s (through testcontainers' own search: DOCKER_HOST, contexts, rootless
 * sockets); otherwise undefined. testcontainers is loaded here only, because loading it takes long.
 */
export async function containerEngine(): Promise<ContainerRuntimeClient | undefined> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  return within(
    engineTimeoutMs,
    getContainerRuntimeClient().catch(() => undefined),
    () => undefined,
  )
}

/** How long an engine may take to remove a container: one that answers ends its processes and deletes its files in less. */
const removalTimeoutMs = 15_000

/** How long the id of a container that is being created is waited for when the run ends: usually it takes far less. */
const creationTimeoutMs = 3000

/**
 * Removes a container by id, with its anonymous volumes. One that is gone already counts as removed.
 *
 * @throws when no Docker engine answers, it refuses, or it takes longer than 15 s.
 */
export async function removeContainer(id: string, remove: (id: string) => Promise<void> = askToRemove): Promise<void> {
  await within(removalTimeoutMs, remove(id), () => {
    throw new Error('the Docker engine took longer than 15 s')
  })
}

async function askToRemove(id: string): Promise<void> {
  const engine = await containerEngine()
  if (engine === undefined) throw new Error('no Docker engine answers')
  try {
    await engine.container.dockerode.getContainer(id).remove({ force: true, v: true })
  } catch (error) {
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
    // 404: gone; 409: its removal is under way.
    if (status !== 404 && status !== 409) throw error
  }
}

/** What starting and removing containers needs of a run. */
interface ContainerRun {
  readonly lock: Pick<RunLock, 'addContainer' | 'removeContainer'>
  readonly signal: AbortSignal
  log(line: string): void
}

/**
 * Starts a container, and ends the wait when the run is to end, also where the engine does not answer. What was created
 * when it fails is removed, also where the engine tells of it only afterwards.
 *
 * @param start calls `created` as soon as there is an id, before the container runs: it is noted then
 */
export async function startUntilAborted<T>(
  run: ContainerRun,
  start: (created: (id: string) => void) => Promise<T>,
  remove: (id: string) => Promise<void> = removeContainer,
): Promise<T> {
  let id: string | undefined
  let ended = false
  let appear = (): void => {}
  const appeared = new Promise<void>((resolve) => {
    appear = resolve
  })
  const started = start((created) => {
    id = created
    appear()
    run.lock.addContainer(created)
    if (ended) void removeQuietly(run, created, remove)
  })
  try {
    return await untilAborted(started, run.signal)
  } catch (error) {
    const told = Promise.race([appeared, started.catch(() => undefined)])
    await within(creationTimeoutMs, told, () => undefined)
    ended = true
    await removeQuietly(run, id, remove)
    throw error
  }
}

/** Removes a container of a run; one that Docker does not let go stays in the lock file for the next run. Never throws. */
export async function removeQuietly(
  run: { readonly lock: Pick<RunLock, 'removeContainer'>; log(line: string): void },
  id: string | undefined,
  remove: (id: string) => Promise<void> = removeContainer,
): Promise<void> {
  if (id === undefined) return
  try {
    await remove(id)
    run.lock.removeContainer(id)
  } catch {
    run.log(`The container ${id.slice(0, 12)} could not be removed; the next run will try again.`)
  }
}
