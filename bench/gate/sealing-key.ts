import { randomBytes } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { z } from 'zod'
import type { Secrets } from '../../servers/contract/strategy.ts'
import type { JsonObject } from './token.ts'

/** A sealed credential that is a compact JWE with `dir` and A256GCM (RFC 7516), opened. */
export interface SealedToken {
  readonly header: JsonObject
  readonly claims: JsonObject
  /** Seals with the key that opened it. */
  readonly seal: Seal
  /** Seals with a key of the attacker's. */
  readonly sealWithForeignKey: Seal
}

/** Makes a compact JWE of header and claims; `alg` and `enc` are what they were. */
export type Seal = (header: JsonObject, claims: JsonObject) => Promise<string>

/** The critical header parameter that no one knows (RFC 7516 section 4.1.13). */
export const unknownCriticalSeal = 'authcost-unknown'

const jsonObject = z.record(z.string(), z.unknown())
const keyBytes = 32

const sealWith =
  (key: Uint8Array): Seal =>
  (header, claims) =>
    new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ ...header, alg: 'dir', enc: 'A256GCM' })
      .encrypt(key, { crit: { [unknownCriticalSeal]: true } })

/** Whether a credential has the five parts of a compact JWE. Other seals have forms of their own. */
export const isCompactJwe = (credential: string): boolean => credential.split('.').length === 5

/** Opens a sealed credential with one of the run's secrets, found by trying. Undefined where none opens it. */
export async function openSealed(secrets: Secrets, credential: string): Promise<SealedToken | undefined> {
  if (!isCompactJwe(credential)) return undefined
  for (const secret of Object.values(secrets)) {
    const key = Buffer.from(secret, 'base64url')
    if (key.length !== keyBytes) continue
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(credential, key)
      const claims = jsonObject.parse(JSON.parse(Buffer.from(plaintext).toString()))
      return {
        header: { ...protectedHeader },
        claims,
        seal: sealWith(key),
        sealWithForeignKey: sealWith(randomBytes(keyBytes)),
      }
    } catch {
      // Not this one.
    }
  }
  return undefined
}
