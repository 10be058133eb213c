import type { Secrets } from '../contract/strategy.ts'
import type { TokenSigner } from '../strategies/jwt/access-token.ts'
import { createKey } from '../strategies/jwt/create-keys.ts'
import { type PublicJwk, toJwks } from '../strategies/jwt/public-key-set.ts'
import { type NamedKey, type RunKeys, readKeys } from '../strategies/jwt/read-keys.ts'
import { joseSigner } from '../strategies/jwt/sign-with-jose.ts'
import type { JwtParameters } from '../strategies/jwt.ts'

/** The key that signs now, and those that have signed tokens which may still live. */
export class SigningKeys {
  readonly #parameters: JwtParameters
  #verification: readonly NamedKey[]
  #sign: TokenSigner

  private constructor(parameters: JwtParameters, verification: readonly NamedKey[], sign: TokenSigner) {
    this.#parameters = parameters
    this.#verification = verification
    this.#sign = sign
  }

  static async open(parameters: JwtParameters, secrets: Secrets): Promise<SigningKeys> {
    const keys = readKeys(secrets)
    return new SigningKeys(parameters, keys.verification, await signerOf(parameters, keys))
  }

  sign: TokenSigner = (subjects, nowMs, lifetimeS) => this.#sign(subjects, nowMs, lifetimeS)

  /** Public keys of every token that may still be accepted. */
  published(): Promise<readonly PublicJwk[]> {
    const lifetimeMs = this.#parameters.accessLifetimeS * 1000
    const live = this.#verification.filter(
      ({ retiredAtMs }) => retiredAtMs === undefined || Date.now() < retiredAtMs + lifetimeMs,
    )
    return toJwks(live, this.#parameters.alg)
  }

  async rotate(): Promise<void> {
    const keys = readKeys(await createKey(this.#parameters))
    const sign = await signerOf(this.#parameters, keys)
    const retired = this.#verification.map((key) => ({ ...key, retiredAtMs: key.retiredAtMs ?? Date.now() }))
    this.#verification = [...keys.verification, ...retired]
    this.#sign = sign
  }
}

const signerOf = ({ alg, claims }: JwtParameters, keys: RunKeys): Promise<TokenSigner> => joseSigner(alg, keys, claims)
