import { revocationEvents } from '../../servers/contract/revocation.ts'
import type { PlanRecord, Results, VariantRecord } from '../record/run.ts'
import type { Load } from '../record/slice.ts'

/** True values behind one variant of the fixture, microseconds per request. */
export interface FixtureVariant {
  readonly id: string
  readonly strategy: string
  readonly role: VariantRecord['role']
  readonly label: string
  /** Cost over the control: app CPU at saturation and at a fixed rate, and database CPU. */
  readonly appSaturationUs: number
  readonly appFixedRateUs: number
  readonly databaseUs: number
  readonly authStepUs: number
  readonly credentialBytes: number
}

/** The seven default variants with costs like those that docs/method.md reports. */
export const fixtureVariants: readonly FixtureVariant[] = [
  fixtureVariant('none', 'none', 'control', 'No authentication', [0, 0, 0, 1, 34]),
  fixtureVariant('none#twin', 'none', 'twin', 'No authentication (twin)', [0, 0, 0, 1, 34]),
  fixtureVariant('session', 'session', 'candidate', 'Session', [34.9, 51.2, 26.6, 180, 70]),
  fixtureVariant('jwt:alg=HS256', 'jwt', 'candidate', 'JWT HS256', [23.7, 49, 0, 60, 290]),
  fixtureVariant('jwt:alg=RS256', 'jwt', 'candidate', 'JWT RS256', [44, 68, 0, 75, 590]),
  fixtureVariant('jwt:alg=ES256', 'jwt', 'candidate', 'JWT ES256', [98, 123, 0, 130, 335]),
  fixtureVariant('jwt:alg=EdDSA', 'jwt', 'candidate', 'JWT EdDSA', [117, 141, 0, 150, 335]),
]

function fixtureVariant(
  id: string,
  strategy: string,
  role: FixtureVariant['role'],
  label: string,
  [appSaturationUs, appFixedRateUs, databaseUs, authStepUs, credentialBytes]: readonly [
    number,
    number,
    number,
    number,
    number,
  ],
): FixtureVariant {
  return { id, strategy, role, label, appSaturationUs, appFixedRateUs, databaseUs, authStepUs, credentialBytes }
}

/** The plan of the fixture, as `standard` makes it. */
export function examplePlan(
  variants: readonly FixtureVariant[],
  loads: readonly Load[],
  { seed, restarts, rounds, otherRounds }: Readonly<Record<'seed' | 'restarts' | 'rounds' | 'otherRounds', number>>,
): PlanRecord {
  return {
    profile: 'standard',
    variants: variants.map((variant) => ({
      id: variant.id,
      strategy: variant.strategy,
      role: variant.role,
      label: variant.label,
      parameters: variant.id.includes('alg=') ? { alg: variant.id.slice(8), verifier: 'jose' } : {},
      revocation:
        variant.strategy === 'none'
          ? { kind: 'not-applicable' }
          : variant.strategy === 'session'
            ? { kind: 'next-request' }
            : { kind: 'at-expiry', lifetimeS: 900 },
      carrier:
        variant.strategy === 'none'
          ? 'header x-authcost-user'
          : `cookie __Host-authcost-${variant.strategy === 'session' ? 'session' : 'access'}`,
      credentialBytes: variant.credentialBytes,
      state: 'measured',
    })),
    seed,
    restarts,
    rounds,
    sliceMs: 250,
    loads: loads.map((load) => ({
      load,
      sliceMs: load.mode === 'fixed-rate' ? 1000 : 250,
      roundsPerRestart: load.mode === 'saturation' ? rounds : otherRounds,
    })),
    connections: 10,
    poolSize: 10,
    sessions: 100_000,
    users: 5000,
    popularity: { distribution: 'zipf', exponent: 1 },
    accessLifetimeS: 900,
    postgres: 'embedded',
    restartPostgres: false,
    keepNodeFlags: false,
    predictedSeconds: 330,
  }
}

/** A gate that every variant passed, exact counts of queries, and lags of a logout as promised. */
export function exampleChecks(variants: readonly FixtureVariant[]): Results['checks'] {
  const guarded = variants.filter(({ strategy }) => strategy !== 'none')
  return {
    gate: guarded.flatMap(({ id }) => [
      { variant: id, attack: 'valid', expected: 'accept' as const, status: 200, passed: true },
      ...['missing', 'malformed', 'forged', 'expired'].map((attack) => ({
        variant: id,
        attack,
        expected: 'refuse' as const,
        status: 401,
        passed: true,
      })),
    ]),
    queryCounts: variants.map(({ id, databaseUs }) => ({
      variant: id,
      requests: 1000,
      counted: databaseUs > 0 ? 1000 : 0,
      pgStatStatements: databaseUs > 0 ? 1000 : 0,
    })),
    revocation: guarded.flatMap(({ id, strategy }) =>
      revocationEvents.map((event) =>
        strategy === 'session'
          ? { variant: id, event, lagMs: 0, atMostMs: 0, formula: 'refused from the next request on' }
          : {
              variant: id,
              event,
              lagMs: 1620,
              lifetimeS: 2,
              atMostMs: 900_000,
              formula: 'up to the lifetime of the credential: 900 s',
            },
      ),
    ),
  }
}
