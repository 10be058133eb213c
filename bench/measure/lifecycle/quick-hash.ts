import { randomBytes, scryptSync } from 'node:crypto'

/**
 * A stored password hash that costs next to nothing to check: scrypt with N=2, r=1, p=1, in the form that the
 * application stores its own. A login of such a user costs everything but the hash. For the random passwords of accounts
 * made for measuring only: a password that a person could guess is never to be stored like this.
 */
export function quickHash(password: string): string {
  const salt = randomBytes(16)
  const hash = scryptSync(password, salt, 32, { N: 2, r: 1, p: 1 })
  const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
  return `$scrypt$ln=1,r=1,p=1$${text(salt)}$${text(hash)}`
}
