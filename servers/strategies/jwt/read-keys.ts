import { AuthcostError } from '../../contract/errors.ts'
import type { Secrets } from '../../contract/strategy.ts'
import type { KeyMaterial } from './key-verifier.ts'

/** A key that tokens may be verified with. */
export interface NamedKey {
  readonly kid: string
  readonly key: KeyMaterial
  /** When the next key took its place, epoch milliseconds; undefined for the current one. */
  readonly retiredAtMs: number | undefined
}

/** The key that signs, beside those that verify. */
export interface RunKeys {
  readonly kid: string
  /** The secret's bytes, or the private key in PKCS#8. */
  readonly signing:
    | { readonly kind: 'secret'; readonly bytes: Buffer }
    | { readonly kind: 'private'; readonly pem: string }
  /** The current one first. */
  readonly verification: readonly [NamedKey, ...NamedKey[]]
}

/**
 * Reads what `createKeys` made.
 *
 * @throws {AuthcostError} `jwt.secrets` where something is missing.
 */
export function readKeys(secrets: Secrets): RunKeys {
  const kid = requiredSecret(secrets, 'kid')
  const retired: NamedKey[] = []
  for (let n = 1; secrets[`kid.${n}`] !== undefined; n++) {
    retired.push({
      kid: requiredSecret(secrets, `kid.${n}`),
      key: verificationKey(secrets, `.${n}`),
      retiredAtMs: Number(requiredSecret(secrets, `retiredAtMs.${n}`)),
    })
  }
  const key = verificationKey(secrets, '')
  return {
    kid,
    signing: key.kind === 'secret' ? key : { kind: 'private', pem: requiredSecret(secrets, 'signingKey') },
    verification: [{ kid, key, retiredAtMs: undefined }, ...retired],
  }
}

function verificationKey(secrets: Secrets, suffix: string): KeyMaterial {
  const secret = secrets[`secret${suffix}`]
  return secret === undefined
    ? { kind: 'public', pem: requiredSecret(secrets, `verificationKey${suffix}`) }
    : { kind: 'secret', bytes: Buffer.from(secret, 'base64url') }
}

export function requiredSecret(secrets: Secrets, name: string): string {
  const value = secrets[name]
  if (value === undefined) {
    throw new AuthcostError(
      'jwt.secrets',
      `The jwt strategy was given no "${name}". Pass what createSecrets() returned, and what the harness adds.`,
    )
  }
  return value
}
