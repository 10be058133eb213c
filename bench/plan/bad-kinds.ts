import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { BadKind } from '../record/slice.ts'

/** Which kinds a variant is sent, and which it is spared. */
export interface BadKinds {
  readonly sent: readonly BadKind[]
  readonly leftOut: readonly { readonly kind: BadKind; readonly reason: string }[]
}

/** As long as it takes until a logout is known everywhere at the most, if it is to be waited for. */
const longestWaitMs = 2000

/** Names in the gate's table of attacks, by which a strategy says what its library does not withstand. */
const attackNames: Readonly<Record<BadKind, readonly string[]>> = {
  absent: ['missing'],
  malformed: ['malformed, not of its form'],
  forged: ['forged', 'forged, wrong key'],
  expired: ['expired'],
  revoked: ['revoked', 'revoked, once it is promised'],
}

/** What a variant has to refuse by its own promises. One that revokes by expiry alone may accept what was revoked. */
export function badKindsOf(traits: CredentialTraits): BadKinds {
  if (traits.form === 'none') return { sent: ['absent', 'malformed'], leftOut: [] }
  const reasons = new Map<BadKind, string>()
  const { revocation } = traits
  if (revocation.kind === 'at-expiry') reasons.set('revoked', 'it promises to end a credential by its expiry alone')
  if (revocation.kind === 'not-applicable') reasons.set('revoked', 'there is nothing to revoke')
  if (revocation.kind === 'within' && revocation.ms > longestWaitMs) {
    reasons.set('revoked', `it may accept what was revoked for up to ${revocation.ms / 1000} s, by its own promise`)
  }
  const all: readonly BadKind[] = ['absent', 'forged', 'expired', 'revoked']
  for (const kind of all) {
    if (attackNames[kind].some((name) => traits.unguarded?.includes(name) === true)) {
      reasons.set(kind, 'its library does not withstand it, as its warnings say')
    }
  }
  return {
    sent: all.filter((kind) => !reasons.has(kind)),
    leftOut: [...reasons].map(([kind, reason]) => ({ kind, reason })),
  }
}
