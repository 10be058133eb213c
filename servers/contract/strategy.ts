import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import type { z } from 'zod'
import type { Identity } from './identity.ts'
import type { OpenListeningConnection } from './listening-connection.ts'
import type { Revocation } from './revocation.ts'
import type { SessionLayout } from './session-layout.ts'
import type { StateSize } from './state-size.ts'

export type { Revocation } from './revocation.ts'

/** What must be there for a variant to run; `launch` provides it or leaves the variant out with a message. */
export type Need = 'postgres' | 'redis' | 'issuer' | 'introspector'

/** How a credential travels and what it is; the gate chooses its attacks by this, the report explains it. */
export interface CredentialTraits {
  /** `none`: identity taken on trust; `opaque`: looked up; `jwt`: signed; `sealed`: encrypted. */
  readonly form: 'none' | 'opaque' | 'jwt' | 'sealed'
  /** The request header that carries it, and for a cookie its name. */
  readonly carrier:
    | { readonly kind: 'cookie'; readonly name: string }
    | { readonly kind: 'header'; readonly name: string; readonly scheme?: 'Bearer' }
  /** The JWS algorithm, for form `jwt`. */
  readonly algorithm?: string
  /** What the strategy promises of a credential revoked on the server, by a logout. */
  readonly revocation: Revocation
  /** For how long the old role is still answered after the application changed it. Absent: as `revocation`. */
  readonly roleChange?: Revocation
  /** For how long a user whom the application deleted is still accepted. Absent: as `revocation`. */
  readonly userDeletion?: Revocation
  /**
   * Names of attacks of the gate's table that the library behind the strategy does not withstand as it comes. The gate
   * leaves them out; each must stand in the variant's warnings.
   */
  readonly unguarded?: readonly string[]
  /** Whether the strategy does something rare and costly on a clock of its own (cache expiry, key refresh). */
  readonly periodic?: PeriodicWork
  /** Whether a request may ask Postgres, so that its pool and its distance matter. Absent: where the form is `opaque`. */
  readonly asksDatabase?: boolean
  /** Why `measureState` says nothing of memory, where a library may keep something there. Absent: it says all. */
  readonly memoryNotWeighed?: string
  /** A credential not used for so long is refused, however long it might still have lived. */
  readonly idleTimeoutS?: number
}

/** What is dear once a period for each user, and cheap in between. */
export interface PeriodicWork {
  readonly everyMs: number
  readonly what: string
  /** Whether the strategy takes a shorter period from its context (`periodMs`), and works as ever in all else. */
  readonly canBeShortened?: true
  /**
   * The clock that is not the server's. `with-a-new-credential`: the period is the life of a credential, and dear is the
   * first request with a new one. `withoutCookie`: the client's cookie of this name lasts for the period, and dear is the
   * first request after it, which comes without and is answered with a new one.
   */
  readonly begins?: 'with-a-new-credential' | { readonly withoutCookie: string }
}

/** The client's own cookie that lasts for the period; undefined where there is none. */
export const lapsingCookie = ({ periodic }: Pick<CredentialTraits, 'periodic'>): string | undefined =>
  typeof periodic?.begins === 'object' ? periodic.begins.withoutCookie : undefined

/** Something the user should know about this variant: kept in the results, shown in the report. */
export interface VariantWarning {
  readonly code: string
  readonly message: string
  readonly remedy: string
}

/** Key material and secrets of one run, made once, sent to servers over IPC only, never written anywhere. */
export type Secrets = Readonly<Record<string, string>>

/** A strategy with its parameters made concrete: plain data, no library behind it. */
export interface ResolvedVariant {
  /** Canonical: strategy, then parameters sorted by name, defaults left out: `jwt:alg=ES256,verifier=jose`. */
  readonly id: string
  readonly strategy: string
  /** Every parameter with its value, defaults included. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  readonly label: string
  readonly needs: readonly Need[]
  readonly traits: CredentialTraits
  readonly warnings: readonly VariantWarning[]
  /** Where its sessions lie, which the harness has to create and fill. Absent: it keeps none. */
  readonly sessionLayout?: SessionLayout
  /** Module that exports the definition, for a strategy file of the user's (absolute path). */
  readonly file?: string
}

export type RefusalReason =
  | 'missing'
  | 'malformed'
  | 'invalid'
  | 'expired'
  | 'revoked'
  /** The strategy cannot decide right now (its store is down): 503, never an accept. */
  | 'unavailable'

/** Why a request is not authenticated. Never says more to the client than its reason. */
export interface Refusal {
  readonly refused: RefusalReason
}

export type AuthResult = Identity | Refusal

export const isRefusal = (result: AuthResult): result is Refusal => 'refused' in result

/** A cookie to set; `app.ts` adds HttpOnly and Secure and applies `--insecure-cookies`. */
export interface CredentialCookie {
  /** Full production name with its prefix, for example `__Host-authcost-session`. */
  readonly name: string
  readonly value: string
  readonly path: string
  readonly sameSite: 'lax' | 'strict'
  readonly maxAgeS: number
}

/** What a login hands out. */
export interface IssuedCredentials {
  readonly cookies: readonly CredentialCookie[]
  /** The request headers (lower-case names) that authenticate a request to `/me`: what the driver sends. */
  readonly requestHeaders: Readonly<Record<string, string>>
  /** For clients that keep tokens themselves (RFC 6749 section 5.1); answered by `/login` and `/token` to JSON. */
  readonly tokenResponse?: {
    readonly access_token: string
    readonly token_type: 'Bearer'
    readonly expires_in: number
    readonly refresh_token?: string
  }
}

export interface IssueOptions {
  /** Time of issue, epoch milliseconds; the gate issues in the past to get expired credentials. */
  readonly nowMs: number
  /** Lifetime of the credential that authenticates requests, seconds. */
  readonly lifetimeS: number
}

/** The counted Postgres pool every strategy gets. Queries made through it are counted and timed. */
export interface CountedDatabase {
  query<Row>(statement: Statement): Promise<{ readonly rows: Row[]; readonly rowCount: number }>
  /** Runs `work` in one transaction on one connection. */
  transaction<T>(work: (connection: Pick<CountedDatabase, 'query'>) => Promise<T>): Promise<T>
  /**
   * The same pool as a `pg.Pool`, for libraries that bring their own SQL: what they ask is counted and timed alike, and
   * ending it does nothing, because the server ends the pool itself. Absent where a test's stand-in has none.
   */
  asPgPool?(): Pool
}

/** A statement for node-postgres; with a `name` it is prepared once per connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
}

export interface StrategyContext {
  readonly database: CountedDatabase
  readonly secrets: Secrets
  /** Milliseconds since the epoch; tests replace it. */
  readonly now: () => number
  /**
   * A shorter period than the variant's own, milliseconds: while the harness measures what happens once a period. Absent:
   * the variant's own.
   */
  readonly periodMs?: number
  /** A connection beside the pool that is told things (LISTEN). Absent where there is no database. */
  readonly openListeningConnection?: OpenListeningConnection
}

/** A running strategy in a server process. */
export interface Strategy {
  /** Decides who a request is from. Synchronous where the library is: no promise without need. */
  authenticate(request: FastifyRequest): AuthResult | Promise<AuthResult>
  /** Makes credentials for a user who has just proven who they are. */
  issue(user: Identity, options: IssueOptions): Promise<IssuedCredentials>
  /**
   * Request headers for seeded users, in order, without touching per-user state where the state is already seeded.
   * Absent: the harness calls `issue` for each.
   */
  seededCredentials?(
    users: readonly Identity[],
    options: IssueOptions,
  ): Promise<readonly Readonly<Record<string, string>>[]>
  /** Lifetime of what a login hands out, seconds. Absent: the plan's (`accessLifetimeS` of the configuration). */
  readonly lifetimeS?: number
  /** Ends the credential a request carries (logout). Answers the cookies to clear. Never throws for a bad credential. */
  revoke(request: FastifyRequest): Promise<void>
  /** Cookies that this strategy may have set, to clear at logout (name and path). */
  readonly cookies: readonly { readonly name: string; readonly path: string; readonly sameSite: 'lax' | 'strict' }[]
  /** `POST /token`: a refresh token for new credentials. Absent: the route answers 404. */
  refresh?(request: FastifyRequest): Promise<IssuedCredentials | Refusal>
  /**
   * The application has changed a user in its own table. Only for strategies that keep users in a table of their own,
   * which an application with them would change instead.
   */
  userChanged?(user: Identity): Promise<void>
  /** The application has deleted a user from its own table, and by that what cascades from there. See `userChanged`. */
  userDeleted?(userId: number): Promise<void>
  /** Public keys for `GET /.well-known/jwks.json`. Absent: 404. */
  jwks?(): Promise<{ readonly keys: readonly Record<string, unknown>[] }>
  /** Runs the strategy's own hot statements once on one connection, so that they are prepared before timing. */
  prewarm?(connection: Pick<CountedDatabase, 'query'>): Promise<void>
  /** Routes and hooks of third-party libraries, registered before the application's own. */
  plugin?(app: FastifyInstance): Promise<void>
  /** Sets credentials on a reply itself, where a library insists on doing so. Absent: `app.ts` sets the cookies. */
  send?(reply: FastifyReply, issued: IssuedCredentials): void
  /**
   * What is kept for a signed-in user, weighed: in tables, in Redis, in a cache of this process. Empty: nothing is kept.
   * Absent: not known.
   */
  measureState?(): Promise<readonly StateSize[]>
  /** Counters of the strategy's own (cache hits and misses), cumulative. */
  counters?(): Readonly<Record<string, number>>
  close(): Promise<void>
}

export type StrategyFactory<P> = (parameters: P, context: StrategyContext) => Promise<Strategy>

export interface StrategyDefinition<P> {
  readonly name: string
  /** One sentence: what a request costs. */
  readonly summary: string
  /** A flat zod object of scalars with defaults and `.describe()`: help, validation and docs derive from it. */
  readonly parameters: z.ZodType<P, Record<string, unknown>>
  /** Parameters that stand in the variant's id even at their default, because people name the variant by them. */
  readonly namedBy?: readonly string[]
  /** What the report calls the variant, for example `JWT ES256`. */
  label(parameters: P): string
  needs(parameters: P): readonly Need[]
  traits(parameters: P): CredentialTraits
  warnings(parameters: P): readonly VariantWarning[]
  /** Where the variant's sessions lie, for a strategy that keeps them in the application's own tables or in Redis. */
  sessionLayout?(parameters: P): SessionLayout
  /** Fresh key material for one run. Called in the harness; must not load more than `node:crypto`. */
  createSecrets(parameters: P): Promise<Secrets>
  /** Lazy import, so that the control loads no JWT library and a missing optional peer hurts only its own variant. */
  load(): Promise<StrategyFactory<P>>
}

/** One parameter, as help, docs and `strategies` show it. */
export interface ParameterHelp {
  readonly name: string
  readonly description: string
  readonly default: string
  /** The values it may take, or their kind and bounds: `HS256, RS256` or `number from 1 up to 900`. */
  readonly allowed: string
}

/** A definition with its parameter type hidden: what the table holds and the harness handles. */
export interface AnyStrategy {
  readonly name: string
  readonly summary: string
  /** Parameter names with description and default, from the schema, for help and docs. */
  readonly parameterHelp: readonly ParameterHelp[]
  /** Validates raw parameters (strings from the command line, or values from a config file). Throws a usage error. */
  parse(raw: Readonly<Record<string, unknown>>): ResolvedVariant
  createSecrets(variant: ResolvedVariant): Promise<Secrets>
  create(variant: ResolvedVariant, context: StrategyContext): Promise<Strategy>
}
