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

/** Fake files for tests: paths and their texts; a folder lists what the paths below it imply. */
export const fakeSystemFiles = (files: Readonly<Record<string, string>>): SystemFiles => ({
  read: (path) => files[path]?.trim(),
  list: (path) => [
    ...new Set(
      Object.keys(files)
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1).split('/')[0] ?? ''),
    ),
  ],
})
