import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import {
  CompactEncrypt,
  type CryptoKey,
  compactDecrypt,
  decodeProtectedHeader,
  exportJWK,
  importJWK,
  importPKCS8,
  importX509,
  type JWTHeaderParameters,
  jwtVerify,
  SignJWT,
} from 'jose'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import type { CredentialTraits, Revocation } from '../../servers/contract/strategy.ts'
import { credentialOf, headersCarrying, type RequestHeaders } from './credential.ts'
import type { CredentialRequest, GateTarget } from './gate-target.ts'
import type { Answer, Send } from './http-sender.ts'

/** Says whose a credential is: a user id, or undefined to refuse. */
export type Verify = (credential: string) => Promise<number | undefined> | number | undefined

/** A server without a socket: what the gate needs of one, and how requests reach it. */
export interface FakeServer {
  readonly target: GateTarget
  readonly send: Send
}

interface FakeParts {
  readonly traits: CredentialTraits
  readonly issueOne: (userId: number, request: CredentialRequest) => Promise<string> | string
  readonly verify: Verify
  readonly logOut?: (credential: string) => void
  readonly jwks?: readonly Readonly<Record<string, unknown>>[]
  readonly secrets?: Readonly<Record<string, string>>
}

const cookie = { kind: 'cookie', name: '__Host-authcost-test' } as const
export const bearer = { kind: 'header', name: 'authorization', scheme: 'Bearer' } as const
const bodyOf = (userId: number): string => identityBody(seededIdentity(userId))
const refused: Answer = { status: 401, body: '{"status":401}' }

function fakeServer(parts: FakeParts): FakeServer {
  const { traits } = parts
  const send: Send = async (_method, path, headers) => {
    if (path === '/.well-known/jwks.json') {
      return parts.jwks === undefined
        ? { status: 404, body: '' }
        : { status: 200, body: JSON.stringify({ keys: parts.jwks }) }
    }
    const credential = credentialOf(headers, traits.carrier)
    if (path === '/logout') {
      if (credential !== undefined) parts.logOut?.(credential)
      return { status: 200, body: '' }
    }
    if (credential === undefined || (headers.cookie ?? '').split(`${cookie.name}=`).length > 2) return refused
    const userId = await parts.verify(credential)
    return userId === undefined ? refused : { status: 200, body: bodyOf(userId) }
  }
  const target: GateTarget = {
    url: 'http://127.0.0.1:1',
    variant: { id: 'test', strategy: 'test', parameters: {}, label: 'test', needs: [], traits, warnings: [] },
    expectedBody: bodyOf,
    ...(parts.secrets === undefined ? {} : { secrets: parts.secrets }),
    async issue(request) {
      const users = Array.from({ length: request.toUserId - request.fromUserId + 1 }, (_, i) => request.fromUserId + i)
      const credentials = await Promise.all(users.map((userId) => parts.issueOne(userId, request)))
      return credentials.map((credential): RequestHeaders => headersCarrying(traits.carrier, credential))
    },
  }
  return { target, send }
}

/** A server of the form that takes every request, with or without a credential, for user 1. */
export function credulous(server: FakeServer): FakeServer {
  return {
    target: server.target,
    send: (method, path, headers) =>
      path === '/me' ? Promise.resolve({ status: 200, body: bodyOf(1) }) : server.send(method, path, headers),
  }
}

/** The control: identity on trust, in a plain header. */
export function trustingServer(): FakeServer {
  return fakeServer({
    traits: {
      form: 'none',
      carrier: { kind: 'header', name: 'x-authcost-user' },
      revocation: { kind: 'not-applicable' },
    },
    issueOne: (userId) => `${userId}.${seededIdentity(userId).username}.${seededIdentity(userId).role}`,
    verify: (credential) => (/^\d+\./.test(credential) ? Number.parseInt(credential, 10) : undefined),
  })
}

export interface SessionServerOptions {
  /** Never deletes one. */
  readonly forgetful?: boolean
  readonly ageless?: boolean
  /** Goes on answering from what it kept of a session that was used. */
  readonly caching?: boolean
  readonly carrier?: CredentialTraits['carrier']
}

/** Sessions: random ids in a table. */
export function sessionServer(options: SessionServerOptions = {}): FakeServer {
  const sessions = new Map<string, { readonly userId: number; readonly expiresAtMs: number }>()
  const cache: typeof sessions = new Map()
  return fakeServer({
    traits: { form: 'opaque', carrier: options.carrier ?? cookie, revocation: { kind: 'next-request' } },
    issueOne(userId, { nowMs, lifetimeS }) {
      const id = randomBytes(32).toString('base64url')
      sessions.set(id, { userId, expiresAtMs: nowMs + lifetimeS * 1_000 })
      return id
    },
    verify(credential) {
      const session = sessions.get(credential) ?? cache.get(credential)
      if (session !== undefined && options.caching === true) cache.set(credential, session)
      const valid = session !== undefined && (options.ageless === true || session.expiresAtMs > Date.now())
      return valid ? session.userId : undefined
    },
    logOut: (credential) => {
      if (options.forgetful !== true) sessions.delete(credential)
    },
  })
}

/** What a careless verifier does not look at. */
export type Carelessness =
  | 'signature'
  | 'audience'
  | 'issuer'
  | 'expiry'
  | 'required-expiry'
  | 'algorithm'
  | 'type'
  | 'key id'
  | 'subject'
  /** Takes its key from the token's header, where one is brought along. */
  | 'keys in the header'

const issuer = 'https://issuer.test'
const audience = 'https://api.test'
const atExpiry: Revocation = { kind: 'at-expiry', lifetimeS: 600 }

/** Tokens verified with jose, correctly but for what it is told to be careless about. */
export async function tokenServer(
  algorithm: 'HS256' | 'RS256' | 'ES256' | 'EdDSA',
  careless: readonly Carelessness[] = [],
): Promise<FakeServer> {
  const material = await keyMaterial(algorithm)
  const verify: Verify = async (credential) => {
    if (careless.includes('signature')) return subjectOf(credential)
    try {
      const key = careless.includes('keys in the header') ? await keyBroughtBy(credential) : undefined
      const { payload, protectedHeader } = await jwtVerify(credential, key ?? material.verifyKey, {
        ...(careless.includes('algorithm') ? {} : { algorithms: [algorithm] }),
        ...(careless.includes('audience') ? {} : { audience }),
        ...(careless.includes('issuer') ? {} : { issuer }),
        ...(careless.includes('type') ? {} : { typ: 'at+jwt' }),
        ...(careless.includes('expiry') ? { currentDate: new Date(0), clockTolerance: 1e12 } : {}),
        ...(careless.includes('required-expiry') ? {} : { requiredClaims: ['exp'] }),
      })
      if (protectedHeader.kid !== 'key-1' && !careless.includes('key id')) return undefined
      const userId = Number.parseInt(payload.sub ?? '', 10)
      if (careless.includes('subject') && Number.isNaN(userId)) return 1
      return Number.isNaN(userId) ? undefined : userId
    } catch {
      return undefined
    }
  }
  return fakeServer({
    traits: { form: 'jwt', carrier: cookie, algorithm, revocation: atExpiry },
    verify,
    secrets: material.secrets,
    ...(material.publicJwk === undefined ? {} : { jwks: [{ ...material.publicJwk, kid: 'key-1' }] }),
    issueOne(userId, { nowMs, lifetimeS }) {
      const header: JWTHeaderParameters = { alg: algorithm, typ: 'at+jwt', kid: 'key-1' }
      const issuedAt = Math.floor(nowMs / 1_000)
      return new SignJWT({ jti: randomBytes(8).toString('hex') })
        .setProtectedHeader(header)
        .setSubject(String(userId))
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeS)
        .sign(material.signKey)
    },
  })
}

/** What a credulous verifier takes for the key: that of `jwk`, or of the first certificate of `x5c`. */
async function keyBroughtBy(credential: string): Promise<CryptoKey | Uint8Array | undefined> {
  const { alg, jwk, x5c } = decodeProtectedHeader(credential)
  if (jwk !== undefined) return importJWK(jwk, alg)
  const [first] = x5c ?? []
  if (first === undefined) return undefined
  return importX509(new X509Certificate(Buffer.from(first, 'base64')).toString(), alg ?? '')
}

function subjectOf(credential: string): number | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(credential.split('.')[1] ?? '', 'base64url').toString())
    return typeof payload === 'object' && payload !== null && 'sub' in payload ? Number(payload.sub) || 1 : undefined
  } catch {
    return undefined
  }
}

async function keyMaterial(algorithm: 'HS256' | 'RS256' | 'ES256' | 'EdDSA') {
  if (algorithm === 'HS256') {
    const secret = randomBytes(32)
    return { signKey: secret, verifyKey: secret, secrets: { key: secret.toString('base64url') }, publicJwk: undefined }
  }
  const { privateKey, publicKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const publicJwk = await exportJWK(publicKey)
  return {
    signKey: await importPKCS8(pem, algorithm),
    verifyKey: await importJWK(publicJwk, algorithm),
    secrets: { other: createHash('sha256').update(pem).digest('hex'), key: pem },
    publicJwk,
  }
}

/** Encrypted stateless cookies. `ageless` does not look at the expiry. */
export function sealedServer(options: { readonly ageless?: boolean } = {}): FakeServer {
  const key = randomBytes(32)
  return fakeServer({
    traits: { form: 'sealed', carrier: cookie, revocation: atExpiry },
    issueOne: (userId, { nowMs, lifetimeS }) =>
      new CompactEncrypt(Buffer.from(JSON.stringify([userId, nowMs + lifetimeS * 1_000])))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(key),
    async verify(credential) {
      try {
        const { plaintext } = await compactDecrypt(credential, key)
        const [userId, expiresAtMs] = JSON.parse(Buffer.from(plaintext).toString())
        return options.ageless === true || expiresAtMs > Date.now() ? userId : undefined
      } catch {
        return undefined
      }
    },
  })
}
