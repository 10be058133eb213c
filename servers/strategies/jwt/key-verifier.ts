import type { Refusal } from '../../contract/strategy.ts'
import type { KeyForm, VerifierName } from './key-forms.ts'
import type { TokenRules } from './token-rules.ts'

export type Payload = Readonly<Record<string, unknown>>

/**
 * Checks a token's signature with one key, and `iss`, `aud`, `nbf` and `exp`, with one library. The header has been
 * judged before. Synchronous where the library is.
 */
export type KeyVerifier = (token: string) => Payload | Refusal | Promise<Payload | Refusal>

/** A key as it comes from configuration, before any library has seen it. */
export type KeyMaterial =
  | { readonly kind: 'secret'; readonly bytes: Buffer }
  /** SPKI. */
  | { readonly kind: 'public'; readonly pem: string }

/** Brings a key into the form asked for, once, and makes a verifier with it. */
export type MakeKeyVerifier = (key: KeyMaterial) => KeyVerifier | Promise<KeyVerifier>

/** What each library's module exports. */
export type VerifierFactory = (rules: TokenRules, form: KeyForm) => MakeKeyVerifier

/** Lazy, so that a server loads no library but its own. */
const factories: Readonly<Record<VerifierName, () => Promise<VerifierFactory>>> = {
  jose: async () => (await import('./verifiers/jose.ts')).joseVerifier,
  'fast-jwt': async () => (await import('./verifiers/fast-jwt.ts')).fastJwtVerifier,
  jsonwebtoken: async () => (await import('./verifiers/jsonwebtoken.ts')).jsonwebtokenVerifier,
  node: async () => (await import('./verifiers/node-crypto.ts')).nodeCryptoVerifier,
}

export const loadVerifier = (name: VerifierName): Promise<VerifierFactory> => factories[name]()

/** The well-known slow way: key and verifier are made again for every token. */
export const perRequest =
  (make: MakeKeyVerifier): MakeKeyVerifier =>
  (key) =>
  (token) => {
    const verifier = make(key)
    return verifier instanceof Promise ? verifier.then((verify) => verify(token)) : verifier(token)
  }
