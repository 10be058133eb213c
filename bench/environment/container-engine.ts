import type { ContainerRuntimeClient } from 'testcontainers'
import type { RunLock } from './lock-file.ts'

/** How long a Docker engine may take to answer before it counts as absent: a running one takes a few milliseconds. */
const engineTimeoutMs = 3000

/**
 * The Docker engine, when one answers within 3 s (through testcontainers' own search: DOCKER_HOST, contexts, rootless
 * sockets); otherwise undefined. testcontainers is loaded here only, because loading it takes long.
 */
export async function containerEngine(): Promise<ContainerRuntimeClient | undefined> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), engineTimeoutMs)
  })
  return Promise.race([getContainerRuntimeClient().catch(() => undefined), late]).finally(() => clearTimeout(timer))
}

/**
 * Removes a container by id, with its anonymous volumes. One that is gone already counts as removed.
 *
 * @throws when no Docker engine answers or it refuses.
 */
export async function removeContainer(id: string): Promise<void> {
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
