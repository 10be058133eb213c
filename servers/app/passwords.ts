import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { AuthcostError } from '../contract/errors.ts'

interface Cost {
  readonly ln: number
  readonly r: number
  readonly p: number
}

/** OWASP Password Storage Cheat Sheet: scrypt with N=2^14, r=8, p=5; 16 MiB and about 0.17 s a hash. */
const cost: Cost = { ln: 14, r: 8, p: 5 }
const saltBytes = 16
const hashBytes = 32
/** Longer ones are refused: hashing the input is linear in its length. */
export const maximumPasswordBytes = 1024
/** What a stored hash may ask for, in memory and in work, as a multiple of ours: so that the cost can be raised later. */
const maximumStoredRatio = 16
/** Each takes a thread of libuv's pool of four; more at once would let logins starve everything else. */
const maximumAtOnce = 2

let running = 0

/** Thrown as `passwords.busy` when as many hashes run as are allowed: answer 503. */
export const busyCode = 'passwords.busy'

/**
 * Hashes a password for storage.
 *
 * @returns a PHC string, `$scrypt$ln=14,r=8,p=5$salt$hash`.
 * @throws {AuthcostError} `passwords.busy`.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  return formatPhc(cost, salt, await derive(password, salt, hashBytes, cost))
}

/** No password leads to it: all its hash bits are zero. It makes an unknown user cost what a known one costs. */
const dummyHash = formatPhc(cost, Buffer.alloc(saltBytes), Buffer.alloc(hashBytes))

/**
 * Whether `password` is the one that was hashed. Users who are unknown or have no password (`undefined`, `null`) are
 * checked against a dummy hash of the same cost and answered `false`.
 *
 * @throws {AuthcostError} `passwords.busy`; `passwords.stored` when the stored string is not a PHC string of ours.
 */
export async function verifyPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  const { cost: storedCost, salt, hash } = parsePhc(stored ?? dummyHash)
  const derived = await derive(password, salt, hash.length, storedCost)
  return timingSafeEqual(derived, hash) && typeof stored === 'string'
}

function derive(password: string, salt: Buffer, length: number, { ln, r, p }: Cost): Promise<Buffer> {
  if (running >= maximumAtOnce) {
    return Promise.reject(new AuthcostError(busyCode, 'Too many sign-ins at once. Try again in a second.'))
  }
  const N = 2 ** ln
  // scrypt needs 128*N*r + 128*r*p bytes and a little more; node's own limit of 32 MiB is too near to it.
  const options = { N, r, p, maxmem: 256 * N * r + 128 * r * p }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, length, options, (error, derived) => {
      running--
      if (error === null) resolve(derived)
      else reject(error)
    })
    // After the call: parameters that scrypt does not take are thrown there, and must not keep a place for ever.
    running++
  })
}

function withoutPadding(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

function formatPhc({ ln, r, p }: Cost, salt: Buffer, hash: Buffer): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${withoutPadding(salt)}$${withoutPadding(hash)}`
}

const phcPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/

function parsePhc(text: string): { cost: Cost; salt: Buffer; hash: Buffer } {
  const match = phcPattern.exec(text)
  const [ln, r, p] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])]
  // Upper bounds, so that a row cannot ask for gigabytes or minutes. p also multiplies the work, not the memory.
  const memoryRatio = (2 ** ln * r) / (2 ** cost.ln * cost.r)
  const isAffordable = Math.max(memoryRatio, memoryRatio * (p / cost.p)) <= maximumStoredRatio
  if (match === null || ln < 1 || r < 1 || p < 1 || !isAffordable) {
    throw new AuthcostError(
      'passwords.stored',
      'A stored password hash is not a scrypt PHC string. Register the user again.',
    )
  }
  return {
    cost: { ln, r, p },
    salt: Buffer.from(match[4] ?? '', 'base64'),
    hash: Buffer.from(match[5] ?? '', 'base64'),
  }
}
