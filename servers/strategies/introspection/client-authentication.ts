import { createHash, timingSafeEqual } from 'node:crypto'

/** The name of the application at the auth service. */
const clientId = 'authcost-app'

/** The `Authorization` header of a client with a secret (RFC 6749 section 2.3.1, HTTP Basic). */
export const clientAuthorization = (clientSecret: string): string =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A check of that header in constant time: digests are compared, so that not even the length is told. */
export function clientCheck(clientSecret: string): (header: string | undefined) => boolean {
  const expected = digest(clientAuthorization(clientSecret))
  return (header) => header !== undefined && timingSafeEqual(digest(header), expected)
}
