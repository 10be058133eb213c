import type { CredentialTraits } from './strategy.ts'

/** A strategy's promise: for how long is an old credential still accepted after what should end it? */
export type Revocation =
  | { readonly kind: 'not-applicable' }
  | { readonly kind: 'next-request' }
  /** `canBeShortened`: the strategy takes a shorter time from its context (`periodMs`), and works as ever in all else. */
  | { readonly kind: 'within'; readonly ms: number; readonly canBeShortened?: true }
  | { readonly kind: 'at-expiry'; readonly lifetimeS: number }
  /** Each use puts the end off: a credential that goes on being used is accepted without bound. */
  | { readonly kind: 'when-unused'; readonly idleS: number }

/** What should end a credential, or change whom it speaks for. */
export const revocationEvents = ['logout', 'role-change', 'user-deletion'] as const
export type RevocationEvent = (typeof revocationEvents)[number]

/** What is promised of one event. A strategy that says nothing of a user's own changes promises what it does of a logout. */
export function promiseOf(
  { revocation, roleChange, userDeletion }: Pick<CredentialTraits, 'revocation' | 'roleChange' | 'userDeletion'>,
  event: RevocationEvent,
): Revocation {
  switch (event) {
    case 'logout':
      return revocation
    case 'role-change':
      return roleChange ?? revocation
    case 'user-deletion':
      return userDeletion ?? revocation
  }
}
