import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { Attack } from './attack.ts'
import { headersCarrying } from './credential.ts'
import { promisedWithin, promiseIsDue } from './promise-due.ts'

const isOpaque = (traits: CredentialTraits): boolean => traits.form === 'opaque'
const carriesSecret = (traits: CredentialTraits): boolean => traits.form !== 'none'

/** What a credential that is looked up has to withstand (OWASP Session Management and SQL Injection Cheat Sheets). */
export const sessionAttacks: readonly Attack[] = [
  {
    name: 'guessed',
    expected: 'refuse',
    applies: isOpaque,
    // Of the right form, so that it is looked up.
    forge: async ({ traits, credential }) => headersCarrying(traits.carrier, credential.replace(/[A-Za-z0-9]/g, 'A')),
  },
  {
    name: 'SQL in the credential',
    expected: 'refuse',
    applies: carriesSecret,
    forge: async ({ traits, credential }) => headersCarrying(traits.carrier, `${credential}' OR '1'='1' --`),
  },
  {
    name: 'SQL in place of the credential',
    expected: 'refuse',
    applies: carriesSecret,
    forge: async ({ traits }) => headersCarrying(traits.carrier, "' OR expires_at > now() --"),
  },
  {
    name: 'fixed before login',
    expected: 'refuse',
    needs: 'registration',
    // A sign-in revokes what the browser carried: refused as soon as the variant promises of anything revoked.
    applies: (traits) => isOpaque(traits) && promisedWithin(traits),
    // A good credential of the attacker's own, planted in the browser of whoever signs in next.
    async forge({ traits, fresh, use, signIn }) {
      const planted = await fresh()
      // So that a cache holds it, here as below.
      await use(planted)
      if (!(await signIn(planted))) return undefined
      await promiseIsDue(traits)
      return planted
    },
  },
  {
    name: 'not used for too long',
    expected: 'refuse',
    applies: (traits) => traits.idleTimeoutS !== undefined,
    forge: ({ idle }) => idle(),
  },
  {
    name: 'revoked, once it is promised',
    expected: 'refuse',
    applies: (traits) => traits.revocation.kind === 'within' && promisedWithin(traits),
    async forge({ traits, fresh, use, logOut }) {
      const headers = await fresh()
      await use(headers)
      await logOut(headers)
      await promiseIsDue(traits)
      return headers
    },
  },
]
