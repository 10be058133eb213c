import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import {
  bootId,
  identifyProcess,
  machineFingerprint,
  type ProcessIdentity,
  pidNamespace,
  processIdentitySchema,
} from './process-identity.ts'

/** An external database's own schema; `server` is a fingerprint, so that no host name or credential is kept. */
const schemaSchema = z.object({ server: z.string(), schema: z.string().regex(/^authcost_[a-z0-9_]+$/) })

export const lockFileSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  /** Name of the folder that it writes to, where that is not its id: the run that goes on. */
  folder: z.string().optional(),
  /** Of the machine it runs on; not in files of before this was noted. */
  machine: z.string().optional(),
  boot: z.string(),
  pidNamespace: z.string(),
  harness: processIdentitySchema,
  processes: z.array(processIdentitySchema),
  containers: z.array(z.string()),
  folders: z.array(z.string()),
  schemas: z.array(schemaSchema),
})
export type LockFile = z.infer<typeof lockFileSchema>
export type LeftSchema = z.infer<typeof schemaSchema>

/**
 * What one run has started and must end: kept in a file of the user's state folder, so that the next run can clean up
 * what this one could not (SIGKILL, power). Every change is written at once, by renaming, before the thing is used.
 * Adding throws where that cannot be done (a full disk); taking out never does.
 */
export class RunLock {
  readonly runId: string
  readonly #path: string
  #content: LockFile
  #closed = false

  /** @param runFolder name of the folder that the run writes to; absent: its id */
  constructor(runId: string, folder: string = stateFolder(), runFolder: string = runId) {
    this.runId = runId
    this.#path = join(folder, `${runId.replace(/[^A-Za-z0-9._-]/g, '_')}.json`)
    this.#content = {
      version: 1,
      runId,
      ...(runFolder === runId ? {} : { folder: runFolder }),
      machine: machineFingerprint(),
      boot: bootId(),
      pidNamespace: pidNamespace(),
      harness: identifyProcess(process.pid) ?? { pid: process.pid, startTime: 'unknown' },
      processes: [],
      containers: [],
      folders: [],
      schemas: [],
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#write()
  }

  /** Notes a child that outlives a killed harness. A pid that runs no longer is not noted. */
  addProcess(pid: number): void {
    const identity = identifyProcess(pid)
    if (identity === undefined) return
    this.#change({ processes: [...this.#content.processes.filter((known) => known.pid !== pid), identity] })
  }

  removeProcess(pid: number): void {
    this.#forget({ processes: this.#content.processes.filter((known: ProcessIdentity) => known.pid !== pid) })
  }

  addContainer(id: string): void {
    this.#change({ containers: [...this.#content.containers, id] })
  }

  removeContainer(id: string): void {
    this.#forget({ containers: this.#content.containers.filter((known) => known !== id) })
  }

  /** Notes a temporary folder. Only folders whose last part begins with `authcost-` are ever removed. */
  addFolder(path: string): void {
    this.#change({ folders: [...this.#content.folders, path] })
  }

  removeFolder(path: string): void {
    this.#forget({ folders: this.#content.folders.filter((known) => known !== path) })
  }

  addSchema(left: LeftSchema): void {
    this.#change({ schemas: [...this.#content.schemas, left] })
  }

  removeSchema(schema: string): void {
    this.#forget({ schemas: this.#content.schemas.filter((known) => known.schema !== schema) })
  }

  /** Whether everything noted has been taken out again. */
  get empty(): boolean {
    const { processes, containers, folders, schemas } = this.#content
    return processes.length + containers.length + folders.length + schemas.length === 0
  }

  /** Ends the run's entry. What is still noted stays for the next run to clean up. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.empty) this.#forget({})
  }

  /** Takes something out. An entry that stays is harmless: the next run finds nothing behind it. */
  #forget(part: Partial<LockFile>): void {
    try {
      this.#change(part)
    } catch {
      // Written along with the next change, if there is one.
    }
  }

  #change(part: Partial<LockFile>): void {
    this.#content = { ...this.#content, ...part }
    // After close the file is gone unless something was left; a late change must still end up true.
    if (this.#closed && this.empty) rmSync(this.#path, { force: true })
    else this.#write()
  }

  #write(): void {
    writeLockFile(this.#path, this.#content)
  }
}

/** Writes a lock file by renaming a complete one into place, readable by its owner only. */
export function writeLockFile(path: string, content: LockFile): void {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 })
  renameSync(temporary, path)
}

/** Reads a lock file; undefined when it is missing or cannot be understood. */
export function readLockFile(path: string): LockFile | undefined {
  const found = inspectLockFile(path)
  return typeof found === 'object' && 'runId' in found ? found : undefined
}

/**
 * Reads a lock file, or says why not. `blank` is what a loss of power leaves of one: a run that lives has written its own
 * completely, by renaming.
 */
export function inspectLockFile(path: string): LockFile | 'missing' | 'blank' | { readonly unreadable: string } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return code === 'ENOENT' ? 'missing' : { unreadable: code }
  }
  if (text.replaceAll('\0', '').trim() === '') return 'blank'
  try {
    const parsed = lockFileSchema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : { unreadable: 'of another version of authcost, or not its own' }
  } catch {
    return { unreadable: 'damaged' }
  }
}

/** Where runs note what they started: `$XDG_STATE_HOME/authcost/runs`, else `~/.local/state`, else a temporary folder. */
export function stateFolder(): string {
  const own = `authcost-state-${process.getuid?.() ?? 'user'}`
  const base = process.env.XDG_STATE_HOME
  const candidates = [base === undefined || base === '' ? join(homedir(), '.local', 'state') : base]
  for (const candidate of candidates) {
    const folder = join(candidate, 'authcost', 'runs')
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      accessSync(folder, constants.W_OK)
      return folder
    } catch {
      // A home that cannot be written to (containers, CI): the temporary folder serves as well until the next boot.
    }
  }
  return join(tmpdir(), own, 'runs')
}
