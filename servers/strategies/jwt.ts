import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import { algorithmNames } from './jwt/algorithms.ts'
import { createKeys } from './jwt/create-keys.ts'

export const accessCookieName = '__Host-authcost-access'

const parameters = z.object({
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
  transport: z.enum(['cookie', 'bearer']).default('cookie').describe('how the token travels: cookie or bearer'),
  accessLifetimeS: z.coerce.number().int().positive().default(900).describe('lifetime of an access token, seconds'),
  refreshLifetimeS: z.coerce
    .number()
    .int()
    .positive()
    .default(2_592_000)
    .describe('absolute lifetime of a family of refresh tokens, seconds'),
})

export type JwtParameters = z.infer<typeof parameters>

const isRsa = (alg: string): boolean => alg.startsWith('RS') || alg.startsWith('PS')

export const jwt = defineStrategy<JwtParameters>({
  name: 'jwt',
  summary: 'A signed token: signature and claims are checked, no database is asked.',
  parameters,
  namedBy: ['alg'],
  label: ({ alg, modulus, transport }) =>
    [
      `JWT ${alg}`,
      ...(isRsa(alg) && modulus !== 2048 ? [`${modulus} bit`] : []),
      ...(transport === 'bearer' ? ['bearer'] : []),
    ].join(', '),
  // Requests need none; refresh tokens, and what a logout revokes, are kept there.
  needs: () => ['postgres'],
  traits: ({ alg, transport, accessLifetimeS }) => ({
    form: 'jwt',
    carrier:
      transport === 'cookie'
        ? { kind: 'cookie', name: accessCookieName }
        : { kind: 'header', name: 'authorization', scheme: 'Bearer' },
    algorithm: alg,
    revocation: { kind: 'at-expiry', lifetimeS: accessLifetimeS },
  }),
  warnings: () => [],
  createSecrets: createKeys,
  load: async () => (await import('./jwt/create-jwt-strategy.ts')).createJwtStrategy,
})
