import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { RequestHeaders } from './credential.ts'
import type { SealedToken } from './sealing-key.ts'
import type { SignedIn } from './sign-in.ts'
import type { Sign } from './signing-key.ts'
import type { JsonObject, Token } from './token.ts'

/** What an attack is forged from: public data, good credentials of two users, and, for a few, the run's own key. */
export interface AttackContext {
  readonly traits: CredentialTraits
  /** Good request headers of users 1 and 2, and the credentials within them. */
  readonly headers: RequestHeaders
  readonly otherHeaders: RequestHeaders
  readonly credential: string
  readonly otherCredential: string
  /** The good credential taken apart, and the other user's; undefined where it is no compact JWS. */
  readonly token: Token | undefined
  readonly otherToken: Token | undefined
  /** Public keys the server publishes; empty where it publishes none. */
  readonly jwks: readonly JsonObject[]
  /** The server's own key, where the harness holds it. */
  readonly sign: Sign | undefined
  /** The good credential opened with the run's key; undefined where it is no JWE or the harness holds no key to it. */
  readonly sealed: SealedToken | undefined
  /** Headers of a login of its own for user 1, issued now. */
  fresh(): Promise<RequestHeaders>
  /** Headers for user 1 whose lifetime ended an hour ago. */
  expired(): Promise<RequestHeaders>
  /** Headers of a login for user 1 that could live for hours, but was not used for longer than its idle timeout. */
  idle(): Promise<RequestHeaders>
  /** Asks for `/me` with these headers. */
  use(headers: RequestHeaders): Promise<void>
  /** Somebody new signs in with a browser that already carries these headers. False where nobody can. */
  signIn(headers: RequestHeaders): Promise<boolean>
  /** Somebody new registers. Undefined where nobody can. */
  signUp(): Promise<SignedIn | undefined>
  /** Uses the refresh token of a login. Undefined where it is refused, or there is none. */
  refresh(signedIn: SignedIn): Promise<SignedIn | undefined>
  /** Posts to `/logout` with these headers. */
  logOut(headers: RequestHeaders): Promise<void>
}

/** What a row is made with that a server may lack without that being a promise of its. */
export type AttackNeed = 'registration' | 'token' | 'signing key' | 'sealing key'

/** One row of the gate's table. */
export interface Attack {
  /** As recorded and shown: `alg none`. */
  readonly name: string
  /** `own-or-refuse`: the answer of user 1, or a refusal, and nobody else's. Recorded as whichever was answered. */
  readonly expected: 'refuse' | 'accept' | 'own-or-refuse'
  /** Without it the row cannot be made although it applies, which is told. Absent: nothing a server owes. */
  readonly needs?: AttackNeed
  /** Which promises it concerns: a stateless token cannot refuse what was revoked. */
  applies(traits: CredentialTraits): boolean
  /** The request headers to send; undefined where they cannot be made (a key the harness does not hold). */
  forge(context: AttackContext): Promise<RequestHeaders | undefined>
}
