import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { Attack, AttackContext } from './attack.ts'
import { refreshAttacks } from './refresh-attacks.ts'
import type { SignedIn } from './sign-in.ts'

/** What a careless server does not do. */
type Carelessness =
  | 'use once'
  | 'end the family'
  | 'deny access tokens'
  | 'forget what it cached'
  | 'end at logout'
  | 'renew'

interface Family {
  ended: boolean
  denied: boolean
}

/** A server with refresh tokens, careless in one thing. */
function serverWith(careless: Carelessness | undefined) {
  const access = new Map<string, Family>()
  const cached = new Set<string>()
  const refreshTokens = new Map<string, { readonly family: Family; used: boolean }>()
  const handOut = (family: Family): SignedIn => {
    const [token, refresh] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
    access.set(token, family)
    refreshTokens.set(refresh, { family, used: false })
    return { headers: { authorization: token }, refresh: { headers: { cookie: refresh } } }
  }
  const end = (family: Family): void => {
    family.ended = true
    family.denied = careless !== 'deny access tokens'
  }
  const unused = () => Promise.reject(new Error('not needed'))
  const context: AttackContext = {
    traits: { form: 'jwt', carrier: { kind: 'header', name: 'authorization' }, revocation: { kind: 'next-request' } },
    headers: {},
    otherHeaders: {},
    credential: '',
    otherCredential: '',
    token: undefined,
    otherToken: undefined,
    jwks: [],
    sign: undefined,
    sealed: undefined,
    fresh: unused,
    expired: unused,
    idle: unused,
    async use({ authorization = '' }) {
      cached.add(authorization)
    },
    signIn: unused,
    signUp: async () => handOut({ ended: false, denied: false }),
    async refresh({ refresh }) {
      const found = refreshTokens.get(refresh?.headers.cookie ?? '')
      if (found === undefined || found.family.ended || careless === 'renew') return undefined
      if (found.used && careless !== 'use once') {
        if (careless !== 'end the family') end(found.family)
        return undefined
      }
      found.used = true
      return handOut(found.family)
    },
    async logOut({ authorization = '' }) {
      const family = access.get(authorization)
      if (family !== undefined && careless !== 'end at logout') end(family)
    },
  }
  const isAccepted = (token = ''): boolean =>
    access.get(token)?.denied === false || (careless === 'forget what it cached' && cached.has(token))
  return { context, isAccepted }
}

async function failures(careless: Carelessness | undefined): Promise<string[]> {
  const { context, isAccepted } = serverWith(careless)
  const failed: string[] = []
  for (const attack of refreshAttacks) {
    const headers = await attack.forge(context)
    expect(headers, attack.name).toBeDefined()
    if (isAccepted(headers?.authorization)) failed.push(attack.name)
  }
  return failed
}

const reused = 'refresh token used again'
const sibling = 'refresh token of a family in which one was used again'
const access = 'access token of a family in which a refresh token was used again'
const loggedOut = 'refresh token after logging out'

it('passes a server that forgets nothing', async () => {
  expect(await failures(undefined)).toEqual([])
})

it.each<[Carelessness, readonly string[]]>([
  ['use once', [reused, sibling, access]],
  ['end the family', [sibling, access]],
  ['deny access tokens', [access]],
  ['forget what it cached', [access]],
  ['end at logout', [loggedOut]],
  // Else a server that refuses every refresh would look safe.
  ['renew', [reused, access]],
])('finds a server that does not: %s', async (careless, expected) => {
  expect(await failures(careless)).toEqual(expected)
})

it('is not made where there are no refresh tokens', async () => {
  const { context } = serverWith(undefined)
  const without: AttackContext = { ...context, signUp: async () => ({ headers: {}, refresh: undefined }) }
  for (const attack of refreshAttacks) expect(await attack.forge(without)).toBeUndefined()
})

it('asks for the end of access tokens only where it is promised', () => {
  const jwt: CredentialTraits = serverWith(undefined).context.traits
  const applies = (traits: CredentialTraits) => refreshAttacks.filter((attack: Attack) => attack.applies(traits))
  const names = (traits: CredentialTraits) => applies(traits).map(({ name }) => name)
  expect(names(jwt)).toContain(access)
  expect(names({ ...jwt, revocation: { kind: 'within', ms: 2000 } })).toContain(access)
  expect(names({ ...jwt, revocation: { kind: 'at-expiry', lifetimeS: 900 } })).toEqual([reused, sibling, loggedOut])
  expect(names({ ...jwt, form: 'opaque' })).toEqual([])
})
