import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { Attack, AttackContext } from './attack.ts'
import type { RequestHeaders } from './credential.ts'
import { promisedWithin, promiseIsDue } from './promise-due.ts'
import type { SignedIn } from './sign-in.ts'

const isToken = (traits: CredentialTraits): boolean => traits.form === 'jwt'

/** What the attacker holds who was given nothing. */
const nothing: RequestHeaders = {}

/** A login whose first refresh token was used by its owner, and then again by somebody else. */
interface Reused {
  readonly first: SignedIn
  readonly owner: SignedIn
  /** What the second use was given. */
  readonly thief: SignedIn | undefined
}

/** A registration costs a password hash: the rows about one gate share it. */
const shared = new WeakMap<AttackContext, Promise<Reused | undefined>>()

function reuse(context: AttackContext): Promise<Reused | undefined> {
  const made = shared.get(context) ?? reuseOnce(context)
  shared.set(context, made)
  return made
}

/**
 * Undefined where the strategy has no refresh tokens. Where the owner's own refresh is refused, nothing would be shown:
 * everybody then holds the login itself, which is accepted, so that the rows fail rather than pass for the wrong reason.
 */
async function reuseOnce({ signUp, refresh, use }: AttackContext): Promise<Reused | undefined> {
  const first = await signUp()
  if (first?.refresh === undefined) return undefined
  const owner = await refresh(first)
  if (owner === undefined) return { first, owner: first, thief: first }
  // So that a cache holds what is to be denied.
  await use(owner.headers)
  return { first, owner, thief: await refresh(first) }
}

/**
 * What refresh tokens have to withstand (RFC 9700 section 4.14.2, RFC 7009 section 2.1). Each row ends with the access token
 * that the attacker got, if any.
 */
export const refreshAttacks: readonly Attack[] = [
  {
    name: 'refresh token used again',
    expected: 'refuse',
    needs: 'registration',
    applies: isToken,
    async forge(context) {
      const reused = await reuse(context)
      return reused === undefined ? undefined : (reused.thief?.headers ?? nothing)
    },
  },
  {
    name: 'refresh token of a family in which one was used again',
    expected: 'refuse',
    needs: 'registration',
    applies: isToken,
    async forge(context) {
      const reused = await reuse(context)
      return reused === undefined ? undefined : ((await context.refresh(reused.owner))?.headers ?? nothing)
    },
  },
  {
    name: 'access token of a family in which a refresh token was used again',
    expected: 'refuse',
    needs: 'registration',
    // Only where access tokens can be revoked at all.
    applies: (traits) => isToken(traits) && promisedWithin(traits),
    async forge(context) {
      const reused = await reuse(context)
      if (reused === undefined) return undefined
      await promiseIsDue(context.traits)
      return reused.owner.headers
    },
  },
  {
    name: 'refresh token after logging out',
    expected: 'refuse',
    needs: 'registration',
    applies: isToken,
    async forge({ signUp, logOut, refresh }) {
      const signedIn = await signUp()
      if (signedIn?.refresh === undefined) return undefined
      await logOut(signedIn.headers)
      return (await refresh(signedIn))?.headers ?? nothing
    },
  },
]
