import { randomBytes } from 'node:crypto'
import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { Attack } from './attack.ts'
import { cachedCookieAttacks } from './cached-cookie-attacks.ts'
import { headersCarrying, headersInTwoLines, oneCharacterChanged, sameShape } from './credential.ts'
import { refreshAttacks } from './refresh-attacks.ts'
import { sealedAttacks } from './sealed-attacks.ts'
import { sessionAttacks } from './session-attacks.ts'
import { tokenAttacks } from './token-attacks.ts'

const always = (): boolean => true
const carriesSecret = (traits: CredentialTraits): boolean => traits.form !== 'none'
const inHeader = (traits: CredentialTraits): boolean => carriesSecret(traits) && traits.carrier.kind === 'header'
const notAToken = (traits: CredentialTraits): boolean => traits.form === 'opaque' || traits.form === 'sealed'

/** Below Node's own limit of 16 KiB for all headers, so that the strategy itself has to decide. */
const oversizedBytes = 12_000

/** What any credential has to withstand, whatever it is. */
const credentialAttacks: readonly Attack[] = [
  { name: 'good credential', expected: 'accept', applies: always, forge: async ({ headers }) => headers },
  {
    name: 'fresh login',
    expected: 'accept',
    applies: carriesSecret,
    // Without it "revoked" and "expired" could be refused for having never been valid.
    forge: ({ fresh }) => fresh(),
  },
  { name: 'missing', expected: 'refuse', applies: always, forge: async () => ({}) },
  {
    name: 'malformed, empty',
    expected: 'refuse',
    applies: always,
    forge: async ({ traits }) => headersCarrying(traits.carrier, ''),
  },
  {
    name: 'malformed, not of its form',
    expected: 'refuse',
    applies: always,
    forge: async ({ traits }) => headersCarrying(traits.carrier, 'not-a-credential'),
  },
  {
    name: 'forged',
    expected: 'refuse',
    applies: notAToken,
    forge: async ({ traits, credential }) =>
      headersCarrying(
        traits.carrier,
        sameShape(credential, () => randomBytes(1).readUInt8()),
      ),
  },
  {
    name: 'tampered',
    expected: 'refuse',
    applies: notAToken,
    forge: async ({ traits, credential }) => headersCarrying(traits.carrier, oneCharacterChanged(credential)),
  },
  {
    name: 'cut short',
    expected: 'refuse',
    applies: carriesSecret,
    forge: async ({ traits, credential }) => headersCarrying(traits.carrier, credential.slice(0, -1)),
  },
  {
    name: 'oversized',
    expected: 'refuse',
    applies: carriesSecret,
    forge: async ({ traits, credential }) =>
      headersCarrying(traits.carrier, `${credential}${'A'.repeat(oversizedBytes)}`),
  },
  {
    name: 'duplicated cookie',
    expected: 'refuse',
    // Which of two cookies counts differs between parsers; one planted from a sibling host must not decide (RFC 6265 section 8.6).
    applies: (traits) => carriesSecret(traits) && traits.carrier.kind === 'cookie',
    forge: async ({ traits, credential, otherCredential }) =>
      headersCarrying(traits.carrier, otherCredential, credential),
  },
  {
    name: 'doubled header',
    expected: 'refuse',
    applies: inHeader,
    forge: async ({ traits, credential, otherCredential }) =>
      headersCarrying(traits.carrier, otherCredential, credential),
  },
  {
    name: 'doubled header, in two lines',
    expected: 'refuse',
    applies: inHeader,
    // Of two Authorization lines Node's HTTP server keeps the first, others it joins: a good one behind a bad one must
    // not be searched for. A good one in front is all that a server on Node sees, so that is no attack on it.
    forge: async ({ traits, credential }) => headersInTwoLines(traits.carrier, 'not-a-credential', credential),
  },
  { name: 'expired', expected: 'refuse', applies: carriesSecret, forge: ({ expired }) => expired() },
  {
    name: 'revoked',
    expected: 'refuse',
    applies: (traits) => traits.revocation.kind === 'next-request',
    forge: async ({ fresh, use, logOut }) => {
      const headers = await fresh()
      // So that whatever a server keeps of it is kept.
      await use(headers)
      await logOut(headers)
      return headers
    },
  },
]

/** The gate: what every server must refuse, and accept, before anything is timed. */
export const attacks: readonly Attack[] = [
  ...credentialAttacks,
  ...sessionAttacks,
  ...cachedCookieAttacks,
  ...tokenAttacks,
  ...refreshAttacks,
  ...sealedAttacks,
]
