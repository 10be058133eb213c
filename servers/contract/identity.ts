/** Who a request is from: the body of `GET /me`, in this order of keys. `userId` is an int4. */
export interface Identity {
  readonly userId: number
  readonly username: string
  readonly role: string
}

/** The username that seeding gives to user number `userId`. */
export const seededUsername = (userId: number): string => `user-${userId}`

/** Every tenth seeded user is an admin, so that bodies differ in more than the id. */
export const seededRole = (userId: number): string => (userId % 10 === 0 ? 'admin' : 'member')

/** The identity of seeded user `userId` (1-based). Seeding in SQL writes exactly these values. */
export const seededIdentity = (userId: number): Identity => ({
  userId,
  username: seededUsername(userId),
  role: seededRole(userId),
})

/** The exact bytes `GET /me` answers for an identity, in every server. */
export const identityBody = (identity: Identity): string =>
  JSON.stringify({ userId: identity.userId, username: identity.username, role: identity.role })
