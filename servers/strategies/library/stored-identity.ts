import type { Identity } from '../../contract/identity.ts'

/** The identity that the application put into a library's session; undefined where there is none. */
export function storedIdentity(value: unknown): Identity | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!('userId' in value) || !('username' in value) || !('role' in value)) return undefined
  const { userId, username, role } = value
  if (typeof userId !== 'number' || typeof username !== 'string' || typeof role !== 'string') return undefined
  return { userId, username, role }
}
