import { readdirSync, readFileSync } from 'node:fs'

/** The machine's own files (`/proc`, `/sys`), behind an interface so that decisions can be tested with fake machines. */
export interface SystemFiles {
  /** The text of a file, without surrounding white space; undefined where it is missing or may not be read. */
  read(path: string): string | undefined
  /** The names in a folder; none where it is missing or may not be read. */
  list(path: string): readonly string[]
}

/** The files of this machine. On macOS there is no `/proc` and no `/sys`: everything is undefined. */
export const systemFiles: SystemFiles = {
  read(path) {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch {
      return undefined
    }
  },
  list(path) {
    try {
      return readdirSync(path)
    } catch {
      return []
    }
  },
}
