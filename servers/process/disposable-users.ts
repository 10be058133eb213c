import { randomUUID } from 'node:crypto'
import { AuthcostError } from '../contract/errors.ts'
import type { Identity } from '../contract/identity.ts'
import type { CountedDatabase, IssueOptions, Strategy } from '../contract/strategy.ts'
import { changeRole, deleteUser, insertUser } from '../database/users.ts'

/** Users made to be changed and deleted; the seeded ones, whose requests are measured, are out of reach. */
export interface DisposableUsers {
  create(options: IssueOptions): Promise<{ readonly user: Identity; readonly requestHeaders: Record<string, string> }>
  /** @throws {AuthcostError} `server.foreign-user` for a user made elsewhere. */
  changeRole(userId: number, role: string): Promise<void>
  /** @throws {AuthcostError} `server.foreign-user` for a user made elsewhere. */
  delete(userId: number): Promise<void>
}

/** Does to users what an application with this strategy would: its own SQL first, then what the strategy keeps. */
export function disposableUsers(database: CountedDatabase, strategy: Strategy): DisposableUsers {
  const own = new Set<number>()
  const requireOwn = (userId: number): void => {
    if (own.has(userId)) return
    throw new AuthcostError('server.foreign-user', `User ${userId} was not made to be changed. Ask for one first.`)
  }
  return {
    async create(options) {
      const user = await insertUser(database, { username: `disposable-${randomUUID()}`, passwordHash: null })
      if (user === undefined) throw new AuthcostError('server.user', 'The user exists already. Ask again.')
      own.add(user.userId)
      return { user, requestHeaders: { ...(await strategy.issue(user, options)).requestHeaders } }
    },
    async changeRole(userId, role) {
      requireOwn(userId)
      const user = await changeRole(database, { userId, role })
      if (user !== undefined) await strategy.userChanged?.(user)
    },
    async delete(userId) {
      requireOwn(userId)
      await deleteUser(database, userId)
      await strategy.userDeleted?.(userId)
    },
  }
}
