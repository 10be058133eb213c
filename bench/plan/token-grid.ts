import { AuthcostError, usageError } from '../../servers/contract/errors.ts'
import { nearestName } from '../../servers/contract/nearest-name.ts'
import { parseVariant, strategyNamed } from '../../servers/strategies/table.ts'
import type { Absent } from '../record/slice.ts'
import type { TokenGrid, TokenNeeds } from '../record/token-tuning.ts'
import { notMeasurable } from './app-instances.ts'
import type { PlanInput } from './input.ts'
import { makePlan, type Plan } from './plan.ts'

/** What `tune token` may be asked; lists as typed, with commas. */
export interface TokenGridInput {
  readonly alg?: string
  readonly verifier?: string
  readonly key?: string
  readonly modulus?: string
  readonly claims?: string
  readonly threads?: string
  readonly asymmetric?: boolean
  readonly postQuantum?: boolean
  readonly maxBytes?: number | string
  readonly restarts?: number | string
  readonly rounds?: number | string
  readonly rate?: number | string
  readonly seed?: number | string
  readonly out?: string
  readonly postgres?: string
  readonly postgresImage?: string
  readonly maxCells?: number | string
}

/** About 18 cells take five minutes; three rounds at either load, as `quick` has. */
export const tokenGridDefaults = { restarts: 5, rounds: 3 } as const

/** No token looks a session up: enough that users differ, no more. */
const population = { sessions: 1000, users: 1000 }

/**
 * One algorithm of each kind by `jose`, which knows them all, then what the other libraries make of the usual ones.
 * Longer digests differ little, P-384 and P-521 are slow and seldom used: they are measured where they are named.
 */
const usual = ['HS256', 'RS256', 'ES256', 'EdDSA']
const defaultPairs: readonly (readonly [alg: string, verifier: string])[] = [
  ...['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA', 'ML-DSA-44', 'ML-DSA-65'].map((alg) => [alg, 'jose'] as const),
  ...['fast-jwt', 'jsonwebtoken', 'node'].flatMap((verifier) => usual.map((alg) => [alg, verifier] as const)),
]

const postQuantumAlgorithms = ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']

interface Combination {
  readonly text: string
  readonly alg: string
}

/**
 * The plan of `tune token`: every combination that a library can do and that may meet the needs; `--max-bytes` is judged
 * later, by the credentials as they were sent.
 *
 * @param severalServerCores whether servers can have two cores of their own here, or why not.
 * @throws {AuthcostError} a usage error that names the wrong option, or says that nothing is left to measure.
 */
export function tokenTuningPlan(input: TokenGridInput, severalServerCores: true | Absent): Plan {
  const { alg, verifier, key, modulus, claims, threads, asymmetric, postQuantum, maxBytes, ...rest } = input
  const needs = readNeeds({ asymmetric, postQuantum, maxBytes })
  if (threads !== undefined && severalServerCores !== true) {
    throw usageError(
      'usage.threads',
      `--threads ${threads}: which UV_THREADPOOL_SIZE is best is ${notMeasurable(severalServerCores)}. Leave it out.`,
    )
  }
  const { possible, leftOut } = combinations({ alg, verifier, key, modulus, claims }, needs)
  if (possible.length === 0) throw nothingLeft(needs, leftOut)
  const planInput: PlanInput = {
    profile: 'quick',
    ...tokenGridDefaults,
    ...rest,
    ...population,
    variants: possible.map(({ text }) => text),
    ...(threads === undefined ? {} : { vary: [`threads=${threads}`] }),
  }
  return {
    ...makePlan(planInput),
    purpose: 'tune-token',
    profile: 'custom',
    tokenGrid: {
      needs,
      leftOut,
      threads: threads !== undefined ? 'varied' : severalServerCores === true ? 'fixed' : severalServerCores,
    },
    ...(severalServerCores === true ? { serverCores: 2 } : {}),
  }
}

type Axes = Readonly<Record<'alg' | 'verifier' | 'key' | 'modulus' | 'claims', string | undefined>>

function combinations(
  axes: Axes,
  needs: TokenNeeds,
): { readonly possible: readonly Combination[]; readonly leftOut: TokenGrid['leftOut'] } {
  const possible = new Map<string, Combination>()
  const leftOut: TokenGrid['leftOut'] = []
  for (const { text, alg } of asked(axes, needs)) {
    try {
      const { id } = parseVariant(text)
      if (!possible.has(id)) possible.set(id, { text, alg })
    } catch (error) {
      if (!(error instanceof AuthcostError)) throw error
      leftOut.push({ combination: text, reason: error.message })
    }
  }
  return { possible: [...possible.values()].filter(({ alg }) => mayMeet(alg, needs)), leftOut }
}

/** The default grid, or every combination of what was named; what was not stays at its default. */
function asked(axes: Axes, needs: TokenNeeds): Combination[] {
  const named = Object.values(axes).some((value) => value !== undefined)
  if (!named && !needs.postQuantum) {
    return defaultPairs.map(([alg, verifier]) => ({ text: `jwt:alg=${alg},verifier=${verifier}`, alg }))
  }
  const algorithms = listOf('alg', axes.alg) ?? (needs.postQuantum ? postQuantumAlgorithms : usual)
  const verifiers = listOf('verifier', axes.verifier) ?? (needs.postQuantum && !named ? ['jose', 'node'] : ['jose'])
  const keys = listOf('key', axes.key) ?? ['best']
  const moduli = listOf('modulus', axes.modulus) ?? ['2048']
  const meeting = algorithms.filter((alg) => mayMeet(alg, needs))
  if (axes.modulus !== undefined && meeting.length > 0 && !meeting.some(isRsa)) {
    throw usageError(
      'usage.modulus',
      `--modulus ${axes.modulus} is the size of an RSA key, and none of these algorithms has one: ${meeting.join(', ')}. Leave it out, or measure an algorithm such as RS256.`,
    )
  }
  const claims = listOf('claims', axes.claims) ?? ['0']
  return algorithms.flatMap((alg) =>
    // The modulus is of RSA alone: the others are measured once.
    (isRsa(alg) ? moduli : ['2048']).flatMap((modulus) =>
      claims.flatMap((bytes) =>
        keys.flatMap((key) =>
          verifiers.map((verifier) => ({
            text: `jwt:alg=${alg},verifier=${verifier},key=${key},modulus=${modulus},claims=${bytes}`,
            alg,
          })),
        ),
      ),
    ),
  )
}

/** Values that no variant could have are a mistake, not an impossible combination. */
function listOf(name: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  const values = [...new Set(text.split(',').map((value) => value.trim()))].filter((value) => value !== '')
  if (values.length === 0) throw usageError(`usage.${name}`, `--${name} needs at least one value.`)
  const help = strategyNamed('jwt').parameterHelp.find((one) => one.name === name)
  const allowed = help?.allowed ?? ''
  for (const value of values) {
    if (!allowed.startsWith('number')) {
      const known = allowed.split(', ')
      if (known.includes(value)) continue
      const nearest = nearestName(value, known)
      const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`
      throw usageError(`usage.${name}`, `--${name} ${value}: there is no such one.${hint} There are: ${allowed}.`)
    }
    parseVariant(`jwt:alg=RS256,${name}=${value}`)
  }
  return values
}

const isRsa = (alg: string): boolean => /^[RP]S/.test(alg)

const mayMeet = (alg: string, { asymmetric, postQuantum }: TokenNeeds): boolean =>
  !(asymmetric && alg.startsWith('HS')) && !(postQuantum && !alg.startsWith('ML-DSA'))

function readNeeds({
  asymmetric,
  postQuantum,
  maxBytes,
}: {
  readonly asymmetric: boolean | undefined
  readonly postQuantum: boolean | undefined
  readonly maxBytes: number | string | undefined
}): TokenNeeds {
  const most = maxBytes === undefined ? undefined : Number(maxBytes)
  if (most !== undefined && !(Number.isInteger(most) && most > 0)) {
    throw usageError('usage.max-bytes', `--max-bytes ${maxBytes} is not possible: expected a whole number of bytes.`)
  }
  return {
    asymmetric: asymmetric === true,
    postQuantum: postQuantum === true,
    ...(most === undefined ? {} : { maxBytes: most }),
  }
}

function nothingLeft(needs: TokenNeeds, leftOut: TokenGrid['leftOut']): AuthcostError {
  const [first] = leftOut
  const reason = first === undefined ? '' : ` ${first.reason}`
  if (needs.postQuantum)
    return usageError('usage.post-quantum', `--post-quantum: no algorithm of this grid can be measured here.${reason}`)
  return usageError('usage.grid', `Nothing is left to measure of this grid.${reason}`)
}
