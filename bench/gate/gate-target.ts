import type { ResolvedVariant, Secrets } from '../../servers/contract/strategy.ts'

/** Credentials asked of a server under test: the `issue` message of the protocol, without its request id. */
export interface CredentialRequest {
  readonly fromUserId: number
  readonly toUserId: number
  /** Time of issue, epoch milliseconds; in the past for expired credentials. */
  readonly nowMs: number
  readonly lifetimeS: number
  /** With state of its own (a login) rather than the seeded one, so that it can be revoked. */
  readonly fresh: boolean
}

/** One running server, as the gate sees it. */
export interface GateTarget {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string
  readonly variant: ResolvedVariant
  /** The name in the record where it is not the variant's id: `none#twin`. */
  readonly recordedAs?: string
  /** Request headers of the users, in order. */
  issue(request: CredentialRequest): Promise<readonly Readonly<Record<string, string>>[]>
  /** The exact body `GET /me` answers for a user. */
  expectedBody(userId: number): string
  /**
   * The run's key material of this variant. With it the gate makes tokens that are correctly signed and wrong in one
   * claim (audience, issuer); without it those attacks are left out, as no outsider could make them.
   */
  readonly secrets?: Secrets
  /** Told of each attack that applies and could not be made, and why. */
  onNotTried?(attack: NotTried): void
}

/** An attack that applies and could not be made, for want of something that the server should have given. */
export interface NotTried {
  readonly attack: string
  readonly why: string
}
