import { spawnSync } from 'node:child_process'
import { AuthcostError } from '../../servers/contract/errors.ts'

export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

/**
 * Under whom Postgres runs: it refuses to run as root, so then under an existing account without rights.
 *
 * @returns undefined when this process is not root: Postgres runs under the same user.
 * @throws {AuthcostError} `postgres.no-user` when root has no such account at hand.
 */
export function unprivilegedUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const uid = idOf('-u', name)
    const gid = idOf('-g', name)
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid }
  }
  throw new AuthcostError(
    'postgres.no-user',
    'Postgres does not run as root, and there is no user "postgres" or "nobody" to run it under. Run authcost as another user, or give a database with --postgres postgres://...',
  )
}

function idOf(option: '-u' | '-g', name: string): number | undefined {
  const answer = spawnSync('id', [option, name], { encoding: 'utf8' })
  const id = Number(answer.stdout)
  return answer.status === 0 && Number.isInteger(id) ? id : undefined
}
