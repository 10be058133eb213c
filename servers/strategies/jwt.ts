import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import type { PeriodicWork, Revocation } from '../contract/strategy.ts'
import { algorithmNames } from './jwt/algorithms.ts'
import { createKeys } from './jwt/create-keys.ts'
import { propagationMs } from './jwt/denylist-promise.ts'
import { keyForms, verifierLabel, verifierNames } from './jwt/key-forms.ts'
import { checkCombination, chooseBestKey } from './jwt/parameter-rules.ts'
import { jwtWarnings } from './jwt/warnings.ts'

export const accessCookieName = '__Host-authcost-access'

const flat = z.object({
  alg: z
    .enum(algorithmNames)
    .default('HS256')
    .describe(`signature algorithm: ${algorithmNames.join(', ')}`),
  modulus: z.coerce
    .number()
    .int()
    .min(2048)
    .max(8192)
    .multipleOf(8)
    .default(2048)
    .describe('bits of the RSA key (RS and PS algorithms)'),
  verifier: z
    .enum(verifierNames)
    .default('jose')
    .describe('library that verifies: jose, fast-jwt, jsonwebtoken, or node (node:crypto directly: the floor)'),
  key: z
    .enum(['best', ...keyForms])
    .default('best')
    .describe(
      'form of the key: best (the best practice of the library), cryptokey, keyobject, bytes (secrets) or pem (public keys)',
    ),
  build: z
    .enum(['once', 'per-request'])
    .default('once')
    .describe('when key and verifier are made: once, or anew for each request (slow)'),
  transport: z.enum(['cookie', 'bearer']).default('cookie').describe('how the token travels: cookie or bearer'),
  claims: z.coerce
    .number()
    .int()
    .min(0)
    .max(4096)
    .default(0)
    .describe('bytes of a further claim, to see what size costs; 0: none'),
  cache: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .describe('entries of the cache of verified tokens (least recently used goes first); 0: no cache'),
  denylist: z
    .enum(['none', 'postgres', 'memory'])
    .default('none')
    .describe(
      'where revoked tokens are looked up: none, postgres (a query per request), memory (kept fresh by NOTIFY)',
    ),
  accessLifetimeS: z.coerce.number().int().positive().default(900).describe('lifetime of an access token, seconds'),
  refreshLifetimeS: z.coerce
    .number()
    .int()
    .positive()
    .default(2_592_000)
    .describe('absolute lifetime of a family of refresh tokens, seconds'),
  previousKeys: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('retired keys that are still accepted, by kid, until their tokens have expired'),
  issuer: z
    .enum(['local', 'remote'])
    .default('local')
    .describe('who signs: local (this server), or remote (a process whose public keys are fetched as a JWK set)'),
})

export type JwtParameters = z.infer<typeof flat>

const parameters = flat.overwrite(chooseBestKey).superRefine(checkCombination)

/** Parameters of a variant, for the issuer's process. */
export const parseJwtParameters = (raw: Readonly<Record<string, unknown>>): JwtParameters => parameters.parse(raw)

const isRsa = (alg: string): boolean => alg.startsWith('RS') || alg.startsWith('PS')

function revocation({ denylist, accessLifetimeS }: JwtParameters): Revocation {
  if (denylist === 'postgres') return { kind: 'next-request' }
  if (denylist === 'memory') return { kind: 'within', ms: propagationMs }
  return { kind: 'at-expiry', lifetimeS: accessLifetimeS }
}

const onceAToken = ({ accessLifetimeS }: JwtParameters): PeriodicWork => ({
  everyMs: accessLifetimeS * 1000,
  what: 'each new token is verified once',
  begins: 'with-a-new-credential',
})

export const jwt = defineStrategy<JwtParameters>({
  name: 'jwt',
  summary: 'A signed token: signature and claims are checked, no database is asked.',
  parameters,
  namedBy: ['alg'],
  label: (given) =>
    [
      `JWT ${given.alg}`,
      ...(isRsa(given.alg) && given.modulus !== 2048 ? [`${given.modulus} bit`] : []),
      ...(given.verifier === 'jose' ? [] : [verifierLabel(given.verifier)]),
      ...(given.key === 'best' ? [] : [`key as ${given.key}`]),
      ...(given.build === 'once' ? [] : ['verifier per request']),
      ...(given.transport === 'bearer' ? ['bearer'] : []),
      ...(given.claims === 0 ? [] : [`+${given.claims} B of claims`]),
      ...(given.cache === 0 ? [] : [`cache of ${given.cache}`]),
      ...(given.denylist === 'none' ? [] : [`denylist in ${given.denylist === 'memory' ? 'memory' : 'Postgres'}`]),
      ...(given.previousKeys === 0 ? [] : [`${given.previousKeys + 1} keys`]),
      ...(given.issuer === 'local' ? [] : ['remote issuer']),
    ].join(', '),
  // Requests need none without a denylist; refresh tokens, and what a logout revokes, are kept there.
  needs: ({ issuer }) => (issuer === 'remote' ? ['postgres', 'issuer'] : ['postgres']),
  traits: (given) => ({
    form: 'jwt',
    carrier:
      given.transport === 'cookie'
        ? { kind: 'cookie', name: accessCookieName }
        : { kind: 'header', name: 'authorization', scheme: 'Bearer' },
    algorithm: given.alg,
    revocation: revocation(given),
    // A denylist knows tokens, not users: whoever changes or deletes a user has no list of theirs to deny.
    roleChange: { kind: 'at-expiry', lifetimeS: given.accessLifetimeS },
    userDeletion: { kind: 'at-expiry', lifetimeS: given.accessLifetimeS },
    asksDatabase: given.denylist === 'postgres',
    ...(given.cache === 0 ? {} : { periodic: onceAToken(given) }),
  }),
  warnings: jwtWarnings,
  createSecrets: createKeys,
  load: async () => (await import('./jwt/create-jwt-strategy.ts')).createJwtStrategy,
})
