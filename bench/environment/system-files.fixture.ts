import type { SystemFiles } from './system-files.ts'

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
