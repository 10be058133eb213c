import type { Results } from '../../record/run.ts'
import type { TokenNeeds } from '../../record/token-tuning.ts'
import { createRandom } from '../../statistics/random.ts'
import { estimate } from '../estimate.ts'
import { type FixtureVariant, fixtureVariants } from '../plan.fixture.ts'
import { exampleResults, fixtureLoads } from '../slice.fixture.ts'

/** True values behind one token of the fixture. */
export interface FixtureToken {
  readonly alg: string
  readonly verifier?: string
  /** App CPU over the control, microseconds per request, at either load. */
  readonly us: number
  readonly bytes?: number
  /** CPU of signing one, microseconds. */
  readonly signingUs?: number
}

export interface TokenFixture {
  /** A set each. */
  readonly sets: readonly (readonly FixtureToken[])[]
  readonly needs?: Partial<TokenNeeds>
  readonly restarts?: number
  readonly rounds?: number
  readonly seed?: number
}

/** What issuing a credential takes besides signing it, microseconds. */
const issuingUs = 9

export const idOf = ({ alg, verifier }: FixtureToken): string =>
  verifier === undefined ? `jwt:alg=${alg}` : `jwt:alg=${alg},verifier=${verifier}`

/** A whole `tune token` run, drawn from a seed, with a control and a twin in each set. */
export function exampleTokenTuning({ sets, needs, restarts = 5, rounds = 3, seed = 1 }: TokenFixture): Results {
  const parts = sets.map((tokens, set) =>
    exampleResults({
      variants: [...fixtureVariants.slice(0, 2), ...tokens.map(variantOf)],
      loads: fixtureLoads.filter(({ mode }) => mode !== 'unloaded'),
      restarts,
      rounds,
      otherRounds: rounds,
      doubtfulShare: 0,
      // Controls of different sets are different processes.
      seed: seed * 100 + set,
      estimated: false,
    }),
  )
  const [first] = parts
  if (first === undefined) throw new Error('A token fixture needs a set.')
  const tokens = sets.flat()
  const results: Results = {
    ...first,
    run: { ...first.run, command: 'tune' },
    plan: {
      ...first.plan,
      purpose: 'tune-token',
      tokenGrid: {
        needs: { asymmetric: false, postQuantum: false, ...needs },
        leftOut: [],
        threads: { absent: 'not measurable on 2 cores' },
      },
      variants: [
        ...first.plan.variants.filter(({ role }) => role !== 'candidate'),
        ...parts
          .flatMap(({ plan }) => plan.variants)
          .filter(({ role }) => role === 'candidate')
          .map((variant) => ({ ...variant, parameters: parametersOf(tokens, variant.id) })),
      ],
    },
    slices: parts.flatMap(({ slices }, set) => slices.map((slice) => ({ ...slice, set }))),
    warmUps: parts.flatMap(({ warmUps }, set) => warmUps.map((warmUp) => ({ ...warmUp, set }))),
    signings: signingsOf(sets, restarts, seed),
  }
  return { ...results, ...estimate(results) }
}

const variantOf = (token: FixtureToken): FixtureVariant => ({
  id: idOf(token),
  strategy: 'jwt',
  role: 'candidate',
  label: `JWT ${token.alg}${token.verifier === undefined ? '' : `, ${token.verifier}`}`,
  appSaturationUs: token.us,
  appFixedRateUs: token.us,
  databaseUs: 0,
  authStepUs: token.us,
  credentialBytes: token.bytes ?? 400,
})

function parametersOf(tokens: readonly FixtureToken[], id: string): Record<string, string | number> {
  const token = tokens.find((one) => idOf(one) === id)
  return { alg: token?.alg ?? '', verifier: token?.verifier ?? 'jose', key: 'best', modulus: 2048, claims: 0 }
}

function signingsOf(sets: TokenFixture['sets'], restarts: number, seed: number): Results['signings'] {
  const random = createRandom(seed, 'signings')
  const credentials = 60
  return sets.flatMap((tokens, set) =>
    Array.from({ length: restarts * 3 }, (_, index) => {
      const place = { set, restart: Math.floor(index / 3), round: index % 3, credentials }
      const issued = (us: number): number => credentials * (issuingUs + us + random.normal())
      return [
        { variant: 'none', ...place, cpuUs: issued(0) },
        ...tokens.map((token) => ({ variant: idOf(token), ...place, cpuUs: issued(token.signingUs ?? 50) })),
      ]
    }).flat(),
  )
}
