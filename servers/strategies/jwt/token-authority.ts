import { issuerUrlSecret } from '../../contract/issuer-protocol.ts'
import type { StrategyContext } from '../../contract/strategy.ts'
import type { JwtParameters } from '../jwt.ts'
import type { TokenSigner } from './access-token.ts'
import type { MakeKeyVerifier } from './key-verifier.ts'
import { acceptedUntilMs, localKeys } from './local-keys.ts'
import { type PublicJwk, toJwks } from './public-key-set.ts'
import { readKeys, requiredSecret } from './read-keys.ts'
import { fetchKeySet, RemoteKeys } from './remote-keys.ts'
import { remoteSigner } from './sign-remotely.ts'
import { joseSigner } from './sign-with-jose.ts'
import type { KeySource } from './verify-token.ts'

/** Where keys come from and who signs: this process, or an issuer elsewhere. */
export interface TokenAuthority {
  readonly sign: TokenSigner
  /** Keys for requests, and the same keys for logouts, which take expired tokens too. */
  readonly keys: KeySource
  readonly logoutKeys: KeySource
  /** Undefined where no key is public. */
  readonly jwks: (() => Promise<readonly PublicJwk[]>) | undefined
  counters(): Readonly<Record<string, number>>
}

interface Makers {
  readonly request: MakeKeyVerifier
  readonly logout: MakeKeyVerifier
}

/** This process signs and verifies: keys come with its configuration. */
export async function localAuthority(
  parameters: JwtParameters,
  { secrets, now }: StrategyContext,
  make: Makers,
): Promise<TokenAuthority> {
  const { alg, accessLifetimeS, refreshLifetimeS } = parameters
  const { kid, signing, verification } = readKeys(secrets)
  const published = await toJwks(verification, alg)
  // A retired key is published for as long as requests accept it.
  const endsMs = new Map(verification.map((key) => [key.kid, acceptedUntilMs(key, accessLifetimeS)]))
  const isLive = ({ kid }: PublicJwk): boolean => now() < (endsMs.get(String(kid)) ?? Number.POSITIVE_INFINITY)
  return {
    sign: await joseSigner(alg, { kid, signing }, parameters.claims),
    keys: await localKeys(verification, make.request, { lifetimeS: accessLifetimeS, now }),
    // An expired token ends its family for as long as the family can live, whatever key it was signed with.
    logoutKeys: await localKeys(verification, make.logout, { lifetimeS: refreshLifetimeS, now }),
    jwks: published.length === 0 ? undefined : async () => published.filter(isLive),
    counters: () => ({}),
  }
}

/** Another process signs; this one fetches its public keys. They must be there before the first request. */
export async function remoteAuthority(
  parameters: JwtParameters,
  { secrets, now }: StrategyContext,
  make: Makers,
): Promise<TokenAuthority> {
  const { alg } = parameters
  const issuerUrl = requiredSecret(secrets, issuerUrlSecret)
  const fetchKeys = () => fetchKeySet(issuerUrl)
  const keys = new RemoteKeys({ alg, make: make.request, fetchKeySet: fetchKeys, now })
  await keys.refresh()
  return {
    sign: remoteSigner(issuerUrl, requiredSecret(secrets, 'issuerSecret')),
    keys,
    logoutKeys: new RemoteKeys({ alg, make: make.logout, fetchKeySet: fetchKeys, now }),
    // From memory: whoever asks here must not make this server ask there.
    jwks: async () => keys.published,
    counters: () => ({ keySetFetches: keys.fetches, keySetFailures: keys.failedFetches }),
  }
}
