import { existsSync, readdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import {
  inspectLockFile,
  type LeftSchema,
  type LockFile,
  readLockFile,
  stateFolder,
  writeLockFile,
} from './lock-file.ts'
import { bootId, isStillRunning, machineFingerprint, type ProcessIdentity, pidNamespace } from './process-identity.ts'

export interface CleanUpOptions {
  /** Where lock files are; the user's state folder unless a test says otherwise. */
  readonly folder?: string
  /** Removes a container by id; resolves when it is gone (also when there was none), rejects when Docker cannot be asked. */
  readonly removeContainer?: (id: string) => Promise<void>
  /** Ends a process at once; throws where it may not. */
  readonly kill?: (pid: number) => void
}

/**
 * Ends what runs have left behind whose harness process is gone: processes (only the very ones noted: same pid and same
 * start time), containers, temporary folders. What cannot be removed now stays noted.
 * Schemas in external databases need credentials: `dropLeftSchemas` in external.ts takes them at the next connection.
 *
 * @returns one sentence for each thing that was cleaned up or could not be.
 */
export async function cleanUpAfterDeadRuns(options: CleanUpOptions = {}): Promise<readonly string[]> {
  const folder = options.folder ?? stateFolder()
  const notices: string[] = []
  for (const path of lockFiles(folder)) {
    const lock = inspectLockFile(path)
    if (lock === 'missing') continue
    if (lock === 'blank') {
      rmSync(path, { force: true })
      continue
    }
    if ('unreadable' in lock) {
      notices.push(
        `${basename(path)}, in which a run noted what it had started, cannot be read (${lock.unreadable}) and stays. Remove it from ${shownFolder(folder)} once no run is under way.`,
      )
      continue
    }
    if (!isDead(lock)) continue
    keepOrRemove(path, await cleanUp(lock, options, notices))
  }
  return notices
}

/** Whether a run on this machine, seen from here, is writing to a folder of this name. */
export const isUnderWay = (runFolder: string, folder: string = stateFolder()): boolean =>
  lockFiles(folder)
    .map(readLockFile)
    .some(
      (lock) =>
        lock !== undefined &&
        (lock.folder ?? lock.runId) === runFolder &&
        lock.boot === bootId() &&
        lock.pidNamespace === pidNamespace() &&
        isStillRunning(lock.harness),
    )

/** Schemas that dead runs have left in the external database with this fingerprint. */
export function leftSchemas(server: string, folder: string = stateFolder()): readonly LeftSchema[] {
  return lockFiles(folder)
    .map(readLockFile)
    .flatMap((lock) => (lock !== undefined && isDead(lock) ? lock.schemas : []))
    .filter((left) => left.server === server)
}

/** Takes a dropped schema out of the lock files of dead runs. */
export function forgetSchema(schema: string, folder: string = stateFolder()): void {
  for (const path of lockFiles(folder)) {
    const lock = readLockFile(path)
    if (lock === undefined || !isDead(lock) || !lock.schemas.some((left) => left.schema === schema)) continue
    keepOrRemove(path, { ...lock, schemas: lock.schemas.filter((left) => left.schema !== schema) })
  }
}

function keepOrRemove(path: string, left: LockFile): void {
  const { processes, containers, folders, schemas } = left
  try {
    if (processes.length + containers.length + folders.length + schemas.length === 0) rmSync(path, { force: true })
    else writeLockFile(path, left)
  } catch {
    // A full disk, say. What stays noted is looked for once more, and not found.
  }
}

/**
 * A run is dead when its harness is gone. One on another machine (a home may be shared), or in another pid namespace of
 * the same boot, cannot be judged: left alone.
 */
function isDead(lock: LockFile): boolean {
  if (lock.machine !== undefined && lock.machine !== machineFingerprint()) return false
  if (lock.boot !== bootId()) return true
  if (lock.pidNamespace !== pidNamespace()) return false
  return !isStillRunning(lock.harness)
}

async function cleanUp(lock: LockFile, options: CleanUpOptions, notices: string[]): Promise<LockFile> {
  const sameBoot = lock.boot === bootId()
  const kill = options.kill ?? ((pid) => process.kill(pid, 'SIGKILL'))
  const processes: ProcessIdentity[] = []
  for (const identity of sameBoot ? lock.processes : []) {
    if (!isStillRunning(identity)) continue
    try {
      kill(identity.pid)
      notices.push(`Ended process ${identity.pid}, left by run ${lock.runId}.`)
    } catch {
      // It may have ended by itself in between.
      if (!isStillRunning(identity)) continue
      processes.push(identity)
      notices.push(`Process ${identity.pid}, left by run ${lock.runId}, may not be ended by this user.`)
    }
  }
  const containers: string[] = []
  for (const id of lock.containers) {
    try {
      if (options.removeContainer === undefined) throw new Error('no Docker')
      await options.removeContainer(id)
      notices.push(`Removed container ${id.slice(0, 12)}, left by run ${lock.runId}.`)
    } catch {
      containers.push(id)
      notices.push(
        `Container ${id.slice(0, 12)}, left by run ${lock.runId}, could not be removed: no Docker engine answers.`,
      )
    }
  }
  const folders: string[] = []
  for (const path of lock.folders) {
    if (!basename(path).startsWith('authcost-') || !existsSync(path)) continue
    try {
      // Killed processes may still be writing for a moment.
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
      notices.push(`Removed a temporary folder left by run ${lock.runId}.`)
    } catch {
      folders.push(path)
    }
  }
  return { ...lock, processes, containers, folders }
}

/** Without the name of the home folder: notices are copied into issues. */
const shownFolder = (folder: string): string =>
  folder.startsWith(`${homedir()}/`) ? `~${folder.slice(homedir().length)}` : folder

const lockFiles = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(folder, name))
    : []
