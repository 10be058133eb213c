import { type CredentialTraits, lapsingCookie } from '../../servers/contract/strategy.ts'
import type { Attack, AttackContext } from './attack.ts'
import { credentialOf, oneCharacterChanged, type RequestHeaders, withoutCookie } from './credential.ts'

/** Those that have such a cookie: what they keep in it, the server believes for a while. */
const applies = (traits: CredentialTraits): boolean => lapsingCookie(traits) !== undefined

/** A good credential of user 1 beside another cached cookie; undefined where users were given none. */
function besideCredential(name: string, make: (own: string, other: string) => string): Attack {
  return {
    name,
    expected: 'own-or-refuse',
    applies,
    async forge({ traits, headers, otherHeaders }: AttackContext) {
      const cookie = lapsingCookie(traits) ?? ''
      const carrier = { kind: 'cookie', name: cookie } as const
      const [own, other] = [credentialOf(headers, carrier), credentialOf(otherHeaders, carrier)]
      if (own === undefined || other === undefined) return undefined
      return withCookie(withoutCookie(headers, cookie), cookie, make(own, other))
    },
  }
}

const withCookie = (headers: RequestHeaders, name: string, value: string): RequestHeaders => ({
  ...headers,
  cookie: [headers.cookie, `${name}=${value}`].filter((part) => part !== undefined).join('; '),
})

/** What a cookie has to withstand that is believed beside a credential: it is worth nothing without it, or beside another. */
export const cachedCookieAttacks: readonly Attack[] = [
  besideCredential('cached cookie of another user', (_own, other) => other),
  besideCredential('cached cookie, tampered', oneCharacterChanged),
  besideCredential('cached cookie, not of its form', () => 'not~a~cookie'),
  {
    name: 'cached cookie without its credential',
    expected: 'refuse',
    applies,
    async forge({ traits, headers }) {
      const name = lapsingCookie(traits) ?? ''
      const own = credentialOf(headers, { kind: 'cookie', name })
      return own === undefined ? undefined : withCookie({}, name, own)
    },
  },
]
