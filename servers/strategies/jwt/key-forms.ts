import { type AlgorithmName, algorithms } from './algorithms.ts'

export const verifierNames = ['jose', 'fast-jwt', 'jsonwebtoken', 'node'] as const
export type VerifierName = (typeof verifierNames)[number]

/** The forms in which a key can be handed to a verifier. */
export const keyForms = ['cryptokey', 'keyobject', 'bytes', 'pem'] as const
export type KeyForm = (typeof keyForms)[number]

/** What a library takes. Plain data: no library stands behind it, so the harness can read it too. */
interface VerifierLibrary {
  readonly label: string
  readonly verifies: (alg: AlgorithmName) => boolean
  /** Best practice first. `bytes` is for shared secrets, `pem` for public keys. */
  readonly secret: readonly [KeyForm, ...KeyForm[]]
  readonly public: readonly [KeyForm, ...KeyForm[]]
  /** Forms that the library imports anew on every call, and what it does then. */
  readonly reimports: Partial<Record<KeyForm, { readonly of: 'secret' | 'any'; readonly how: string }>>
}

const libraries: Readonly<Record<VerifierName, VerifierLibrary>> = {
  jose: {
    label: 'jose',
    verifies: () => true,
    secret: ['cryptokey', 'keyobject', 'bytes'],
    // jose keeps the CryptoKey it makes of a public KeyObject; of a secret one it keeps nothing.
    public: ['cryptokey', 'keyobject'],
    reimports: {
      keyobject: { of: 'secret', how: 'jose exports a secret KeyObject and imports it into Web Crypto' },
      bytes: { of: 'any', how: 'jose imports raw bytes into Web Crypto' },
    },
  },
  'fast-jwt': {
    label: 'fast-jwt',
    verifies: (alg) => !alg.startsWith('ML-DSA'),
    secret: ['bytes'],
    public: ['pem'],
    reimports: {},
  },
  jsonwebtoken: {
    label: 'jsonwebtoken',
    verifies: (alg) => alg !== 'EdDSA' && !alg.startsWith('ML-DSA'),
    secret: ['keyobject', 'bytes'],
    public: ['keyobject', 'pem'],
    reimports: {
      bytes: { of: 'any', how: 'jsonwebtoken tries to read a Buffer or string as a public key first, which fails' },
      pem: { of: 'any', how: 'jsonwebtoken parses the PEM' },
    },
  },
  node: {
    label: 'node:crypto',
    verifies: () => true,
    secret: ['keyobject', 'bytes'],
    public: ['keyobject', 'pem'],
    reimports: {
      bytes: { of: 'any', how: 'node:crypto copies raw bytes into a key' },
      pem: { of: 'any', how: 'node:crypto parses the PEM' },
    },
  },
}

const kindOf = (alg: AlgorithmName): 'secret' | 'public' => (algorithms[alg].family === 'HMAC' ? 'secret' : 'public')

/** The form that the library's own documentation and code recommend. */
export const bestKeyForm = (verifier: VerifierName, alg: AlgorithmName): KeyForm => libraries[verifier][kindOf(alg)][0]

export const verifierLabel = (verifier: VerifierName): string => libraries[verifier].label

/** Why the library cannot verify this algorithm; undefined where it can. */
export function refusedAlgorithm(verifier: VerifierName, alg: AlgorithmName): string | undefined {
  if (libraries[verifier].verifies(alg)) return undefined
  const able = verifierNames.filter((name) => libraries[name].verifies(alg))
  return `${libraries[verifier].label} does not verify ${alg}; use verifier=${able.join(' or ')}`
}

/** Why the library does not take a key of this form; undefined where it does. */
export function refusedKeyForm(verifier: VerifierName, alg: AlgorithmName, form: KeyForm): string | undefined {
  const taken = libraries[verifier][kindOf(alg)]
  if (taken.includes(form)) return undefined
  return `for ${alg} ${libraries[verifier].label} takes key=${taken.join(', ')}`
}

/** What the library does with such a key on each call; undefined where it keeps the key it once made. */
export function reimport(verifier: VerifierName, alg: AlgorithmName, form: KeyForm): string | undefined {
  const entry = libraries[verifier].reimports[form]
  return entry !== undefined && (entry.of === 'any' || kindOf(alg) === 'secret') ? entry.how : undefined
}
