import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { AuthcostError } from '../../servers/contract/errors.ts'

/** `20261123-140506-1a2b`: sorts by time, and two runs of one second do not meet. */
export const makeRunId = (now: Date, random: string): string =>
  `${now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${random}`

/** The folder of one run: what is measured is appended at once, whole files are renamed into place. */
export class RunFolder {
  readonly path: string
  readonly #lines: number

  private constructor(path: string, lines: number) {
    this.path = path
    this.#lines = lines
  }

  /** @throws {AuthcostError} `results.folder` when it cannot be made. */
  static create(out: string, runId: string): RunFolder {
    const path = resolve(out, runId)
    try {
      makeFolder(path)
      return new RunFolder(path, openSync(join(path, 'slices.ndjson'), 'a', 0o644))
    } catch (cause) {
      throw new AuthcostError(
        'results.folder',
        `Cannot write to ${out}: ${reason(cause)}. Choose another folder with --out.`,
        { cause },
      )
    }
  }

  /**
   * Opens the folder of an earlier run, to go on writing there.
   *
   * @throws {AuthcostError} `results.folder` when it cannot be written to.
   */
  static reopen(path: string): RunFolder {
    const lines = join(path, 'slices.ndjson')
    try {
      endLastLine(lines)
      return new RunFolder(resolve(path), openSync(lines, 'a', 0o644))
    } catch (cause) {
      throw new AuthcostError('results.folder', `Cannot write to ${path}: ${reason(cause)}.`, { cause })
    }
  }

  /** Appends one line to slices.ndjson. Synchronous: it happens between slices, never while one runs. */
  append(record: object): void {
    this.#guard(() => appendWhole(this.#lines, Buffer.from(`${JSON.stringify(record)}\n`)))
  }

  /** Writes a whole file beside its place and renames it in, so that a reader never sees half of it. */
  write(name: string, text: string): void {
    const path = join(this.path, name)
    const temporary = `${path}.tmp`
    try {
      this.#guard(() => {
        const file = openSync(temporary, 'w', 0o644)
        try {
          writeFileSync(file, text)
          fsyncSync(file)
        } finally {
          closeSync(file)
        }
        renameSync(temporary, path)
      })
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  }

  /** Leads `latest` to this run: a relative link, replaced in one step. */
  linkLatest(): void {
    const link = join(this.path, '..', 'latest')
    // Something of the user's that happens to have the name is left alone.
    if (existsSync(link) && !lstatSync(link).isSymbolicLink()) return
    const temporary = `${link}.${process.pid}.tmp`
    try {
      rmSync(temporary, { force: true })
      symlinkSync(basename(this.path), temporary)
      renameSync(temporary, link)
    } catch {
      // A file system without links: the path is printed all the same.
      rmSync(temporary, { force: true })
    }
  }

  close(): void {
    closeSync(this.#lines)
  }

  /** Takes the folder away again, when nothing was recorded in it. */
  discard(): void {
    this.close()
    rmSync(this.path, { recursive: true, force: true })
  }

  #guard(write: () => void): void {
    try {
      write()
    } catch (cause) {
      throw new AuthcostError(
        'results.write',
        `Cannot write to ${this.path}: ${reason(cause)}. What was measured before stands in slices.ndjson there; make room and draw it with: npm run bench -- report ${this.path}`,
        { cause },
      )
    }
  }
}

/** Appends all of the bytes or none: behind half a line (a disk that filled up) the next one could not be read. */
function appendWhole(file: number, bytes: Uint8Array): void {
  const { size } = fstatSync(file)
  try {
    let written = 0
    while (written < bytes.length) written += writeSync(file, bytes, written)
  } catch (error) {
    try {
      ftruncateSync(file, size)
    } catch {
      // The reason why it could not be written says more.
    }
    throw error
  }
}

/**
 * Takes away a last line that was cut off, as readers do, so that nothing is appended to half of one. A line that lacks
 * nothing but its end is read, so it stays.
 */
function endLastLine(path: string): void {
  const bytes = readFileSync(path)
  const end = bytes.lastIndexOf('\n') + 1
  if (end === bytes.length) return
  if (isJson(bytes.toString('utf8', end))) appendFileSync(path, '\n')
  else truncateSync(path, end)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Makes a folder with its parents, one by one: node's own recursive way never returns where the file system answers
 * that a parent does not exist after it was asked to make it (/proc).
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    // Another run made it in the meantime.
    if (!existsSync(path)) throw error
  }
}

function reason(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause) {
    if (cause.code === 'ENOSPC') return 'the disk is full'
    if (cause.code === 'EACCES' || cause.code === 'EROFS' || cause.code === 'EPERM') return 'permission denied'
    if (cause.code === 'ENOENT') return 'no folder can be made there'
    if (cause.code === 'ENOTDIR' || cause.code === 'EEXIST') return 'a file is in the way'
  }
  return cause instanceof Error ? cause.message : String(cause)
}
