import { webcrypto } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { type CryptoKey, EncryptJWT, errors, type JWTDecryptOptions, type JWTDecryptResult, jwtDecrypt } from 'jose'
import { duplicateCookie, readCookie } from '../../app/read-cookie.ts'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, IssueOptions, Refusal, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { maximumCredentialLength, tokenAudience, tokenIssuer } from '../../contract/token-claims.ts'
import { isExpired } from '../jwt/access-token.ts'
import { type SealedParameters, sealedCookieName } from '../sealed.ts'

/** Says what the cookie is, so that no other JWE made with the key could stand in for it (RFC 8725 section 3.11). */
const sealedType = 'authcost-sealed+jwt'
const algorithm = { alg: 'dir', enc: 'A256GCM' } as const
/** A256GCM takes 256 bits (RFC 7518 section 5.3). */
const keyBytes = 32

const options: JWTDecryptOptions = {
  keyManagementAlgorithms: [algorithm.alg],
  contentEncryptionAlgorithms: [algorithm.enc],
  typ: sealedType,
  issuer: tokenIssuer,
  audience: tokenAudience,
  requiredClaims: ['sub', 'exp', 'iat'],
  // Nothing is compressed here, and what is compressed tells by its length what it holds (RFC 8725 section 3.6).
  maxDecompressedLength: 0,
}

/** An encrypted cookie that holds who the request is from: nobody can read it, nobody can change it, nobody can end it. */
export async function createSealedStrategy(
  { key: form, lifetimeS }: SealedParameters,
  { secrets }: StrategyContext,
): Promise<Strategy> {
  const { seal, open } = await sealerWith(secrets.sealingKey, form)
  const cookieHeader = (value: string): Readonly<Record<string, string>> => ({
    cookie: `${sealedCookieName}=${value}`,
  })
  return {
    authenticate(request) {
      const value = readSealedCookie(request)
      return typeof value === 'string' ? open(value).then(identityOf, refusalOf) : value
    },
    async issue(user, issueOptions) {
      const value = await seal(user, issueOptions)
      return {
        cookies: [{ name: sealedCookieName, value, path: '/', sameSite: 'lax', maxAgeS: issueOptions.lifetimeS }],
        requestHeaders: cookieHeader(value),
      }
    },
    seededCredentials: (users, issueOptions) =>
      Promise.all(users.map(async (user) => cookieHeader(await seal(user, issueOptions)))),
    // The browser forgets the cookie; whoever kept a copy is believed until it expires.
    revoke: async () => {},
    cookies: [{ name: sealedCookieName, path: '/', sameSite: 'lax' }],
    lifetimeS,
    measureState: async () => [],
    close: async () => {},
  }
}

/** Seals identities into cookie values, and opens such values: decrypts, and checks what the library checks. Rejects with jose's error. */
export async function sealerWith(
  encodedKey: string | undefined,
  form: SealedParameters['key'],
): Promise<{
  seal(user: Identity, options: IssueOptions): Promise<string>
  open(value: string): Promise<JWTDecryptResult>
}> {
  const key = await importKey(encodedKey, form)
  return {
    seal(user, { nowMs, lifetimeS }) {
      const issuedAtS = Math.floor(nowMs / 1000)
      return new EncryptJWT({ username: user.username, role: user.role })
        .setProtectedHeader({ ...algorithm, typ: sealedType })
        .setSubject(String(user.userId))
        .setIssuer(tokenIssuer)
        .setAudience(tokenAudience)
        .setIssuedAt(issuedAtS)
        .setExpirationTime(issuedAtS + lifetimeS)
        .encrypt(key)
    },
    open: (value) => jwtDecrypt(value, key, options),
  }
}

async function importKey(encoded: string | undefined, form: SealedParameters['key']): Promise<CryptoKey | Uint8Array> {
  const bytes = Buffer.from(encoded ?? '', 'base64url')
  if (bytes.length !== keyBytes) {
    throw new AuthcostError(
      'sealed.key',
      `The sealed strategy needs a key of ${keyBytes} bytes and was given ${bytes.length}. Pass what createSecrets() returned.`,
    )
  }
  if (form === 'bytes') return bytes
  return webcrypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** Takes the cookie from a request, or says why there is none. */
export function readSealedCookie(request: FastifyRequest): string | Refusal {
  const value = readCookie(request.headers.cookie, sealedCookieName)
  if (value === undefined || value === '') return { refused: 'missing' }
  if (value === duplicateCookie || value.length > maximumCredentialLength) return { refused: 'malformed' }
  return value
}

/** Whom an opened cookie names; its expiry is held against the clock again. */
export function identityOf({ payload }: JWTDecryptResult): AuthResult {
  const { sub, username, role, exp } = payload
  const userId = Number(sub)
  if ((userId | 0) !== userId || userId < 1 || typeof username !== 'string' || typeof role !== 'string') {
    return { refused: 'malformed' }
  }
  return exp === undefined || isExpired(exp, Date.now()) ? { refused: 'expired' } : { userId, username, role }
}

/** What jose throws, in our words. Anything that is not jose's is no verdict and is thrown on. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return { refused: 'expired' }
  if (error instanceof errors.JWEInvalid || error instanceof errors.JWTInvalid) return { refused: 'malformed' }
  if (error instanceof errors.JOSEError) return { refused: 'invalid' }
  throw error
}
