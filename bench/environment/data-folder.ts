import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { SystemUser } from './unprivileged-user.ts'

/**
 * A fresh temporary folder that `user` owns and can reach: TMPDIR may lie below a folder of mode 0700, which root
 * enters and the user who runs Postgres does not.
 *
 * @param note called with each folder before it is used, so that a killed run's can be found
 * @throws {AuthcostError} `postgres.embedded-folder` when none of the usual places will do.
 */
export function makeDataFolder(user: SystemUser | undefined, note: (folder: string) => void): string {
  const places = user === undefined ? [tmpdir()] : [...new Set([tmpdir(), '/tmp', '/var/tmp'])]
  let failure = ''
  for (const place of places) {
    try {
      const folder = mkdtempSync(join(place, 'authcost-postgres-'))
      if (user === undefined || canEnter(folder, user)) {
        note(folder)
        return folder
      }
      rmSync(folder, { recursive: true, force: true })
      failure = 'the user who runs Postgres cannot enter it'
    } catch (error) {
      failure = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    }
  }
  throw new AuthcostError(
    'postgres.embedded-folder',
    `No temporary folder for the embedded Postgres (${failure}). Make room, or set TMPDIR to a folder that other users can enter.`,
  )
}

function canEnter(folder: string, user: SystemUser): boolean {
  chownSync(folder, user.uid, user.gid)
  return spawnSync('test', ['-w', folder], { uid: user.uid, gid: user.gid, stdio: 'ignore' }).status === 0
}
