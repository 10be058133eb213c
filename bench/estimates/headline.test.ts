import { expect, test } from 'vitest'
import type { VariantRecord } from '../record/run.ts'
import type { Load } from '../record/slice.ts'
import { exampleWithCompanions } from './companions.fixture.ts'
import { estimate } from './estimate.ts'
import { headline } from './headline.ts'
import { exampleInTwoSets } from './other-sets.fixture.ts'
import { fixtureVariants } from './plan.fixture.ts'
import { exampleResults, fixedRates } from './slice.fixture.ts'

const options = { restarts: 6, otherRounds: 3 } as const

/** A load turns the ranking round: HS256 is cheaper than a session at saturation, and dearer at a fixed rate. */
const turned = fixtureVariants.map((variant) =>
  variant.id === 'jwt:alg=HS256' ? { ...variant, appSaturationUs: 20, appFixedRateUs: 60 } : variant,
)

const saturationAnd = (...rates: readonly number[]): Load[] => [
  { mode: 'saturation', connections: 10 },
  ...fixedRates(...rates),
]

test('the headline gives the cost at the fixed rate, then at saturation, with unit and interval', () => {
  const [fixedRate, , saturation] = headline(exampleResults(options))
  expect(fixedRate).toMatch(
    /^At 2,000 requests\/s, authentication costs per request: Session 5\d\.\d us \(±[\d.]+\) of app CPU and \d\d\.\d us \(±[\d.]+\) of database CPU; JWT HS256 .*, no database; /,
  )
  expect(saturation).toMatch(/^At saturation, authentication costs per request: Session 3\d\.\d us/)
})

test('the headline compares the first candidate with the others', () => {
  const [, comparison] = headline(exampleResults(options))
  expect(comparison).toMatch(/Session is cheaper than JWT ES256 by .*; is dearer than JWT HS256 by/)
})

test('where no difference is shown the headline says so', () => {
  const alike = fixtureVariants
    .filter(({ role, id }) => role !== 'candidate' || id === 'session' || id === 'jwt:alg=HS256')
    .map((variant) =>
      variant.id === 'jwt:alg=HS256' ? { ...variant, appSaturationUs: 61.5, appFixedRateUs: 91.1 } : variant,
    )
  const sentences = headline(exampleResults({ ...options, variants: alike }))
  expect(sentences).toContain(
    'At saturation, in app and database CPU together, Session shows no difference from JWT HS256.',
  )
})

test('a ranking that the load turns round ends the headline', () => {
  expect(headline(exampleResults({ ...options, variants: turned })).at(-1)).toBe(
    'The ranking depends on the load: in app CPU, JWT HS256 is cheaper than Session at saturation, but dearer at 2,000 requests/s.',
  )
})

test('without database CPU the headline says it was not measured and compares app CPU', () => {
  const sentences = headline(exampleResults({ ...options, databaseCpu: false }))
  expect(sentences[0]).toContain('of app CPU, database CPU not measured; JWT HS256')
  expect(sentences[1]).toContain('in app CPU, Session')
})

test('a run too short for intervals says that no cost can be given', () => {
  expect(headline(exampleResults({ restarts: 2 }))).toEqual([
    'No cost can be given: fewer than 3 restarts have enough valid slices.',
  ])
})

test('what works on a clock of its own is read by its total, because a median leaves out what is rare', () => {
  const results = exampleResults({ restarts: 4, rounds: 3 })
  const variants = results.plan.variants.map((variant) =>
    variant.id === 'session' ? { ...variant, periodic: { everyMs: 1000, what: 'looked up again' } } : variant,
  )
  const sentences = headline({ ...results, plan: { ...results.plan, variants } }).join(' ')
  expect(sentences).toMatch(/Session [\d.]+ us in total \(median [\d.]+ ±[\d.]+\) of app CPU/)
  expect(sentences).not.toMatch(/JWT HS256 [\d.]+ us in total/)
})

test('the total comes first only where the slices spanned ten periods, pauses between restarts not counted', () => {
  const results = exampleResults({ restarts: 4, rounds: 3 })
  const slices = results.slices.map((slice) => ({
    ...slice,
    startedAt: new Date(Date.parse(slice.startedAt) + slice.restart * 3_600_000).toISOString(),
  }))
  const sentences = (everyMs: number): string => {
    const variants = results.plan.variants.map((variant) =>
      variant.id === 'session' ? { ...variant, periodic: { everyMs, what: 'looked up again' } } : variant,
    )
    return headline({ ...results, slices, plan: { ...results.plan, variants } }).join(' ')
  }
  // Each restart of the fixture has slices for some 17 s.
  expect(sentences(5000)).toMatch(/Session [\d.]+ us in total/)
  expect(sentences(10_000)).toMatch(/Session [\d.]+ us \(±[\d.]+\) of app CPU/)
  expect(sentences(10_000)).not.toContain('in total')
})

test('without a noise band the headline says neither that there is a difference nor that there is none', () => {
  const results = exampleResults(options)
  const estimates = results.estimates.map(({ verdict: _, ...estimate }) => estimate)
  const [, comparison] = headline({ ...results, estimates })
  expect(comparison).toMatch(
    /Session seems cheaper than JWT ES256 by .*; seems dearer than JWT HS256 by .*; the twin gave no noise band/,
  )
  expect(comparison).not.toContain('no difference')
})

test('several loads at saturation are told apart by their connections', () => {
  const loads = [1, 64].map((connections) => ({ mode: 'saturation' as const, connections }))
  const text = headline(exampleResults({ restarts: 4, loads })).join(' ')
  expect(text).toContain('At saturation with 1 connection, authentication costs')
  expect(text).toContain('At saturation with 64 connections, authentication costs')
})

test('of three rates the middle one is told, and the others are named', () => {
  const sentences = headline(exampleResults({ ...options, loads: saturationAnd(4900, 1200, 3100) }))
  expect(sentences.map((sentence) => sentence.replace(/, (authentication|in app) .*$/, ''))).toEqual([
    'At 3,100 requests/s',
    'At 3,100 requests/s',
    'At saturation',
    'At saturation',
    'Also measured at 1,200 requests/s and at 4,900 requests/s: see the tables.',
  ])
})

test('a ranking that only a rate turns round which is not told is named all the same', () => {
  const loads = saturationAnd(1200, 3100, 4900)
  const text = headline(exampleResults({ ...options, variants: turned, loads })).join(' ')
  expect(text).toContain('is cheaper than Session at saturation, but dearer at 1,200 requests/s')
})

test('of many candidates of which one other has a cost, none is named twice', () => {
  const results = exampleResults({ restarts: 4, loads: [{ mode: 'saturation', connections: 10 }] })
  const estimates = results.estimates.filter(({ variant }) => !variant.startsWith('jwt') || variant === 'jwt:alg=ES256')
  const [sentence = ''] = headline({ ...results, estimates })
  expect(sentence.match(/JWT ES256/g)).toHaveLength(1)
})

test('what a variant asks besides Postgres is named with what it makes of the cost, as is what is compared', () => {
  const [costs, comparison] = headline(exampleWithCompanions(30))
  expect(costs).toMatch(
    /Session 3\d\.\d us \(±[\d.]+\) of app CPU and 2\d\.\d us \(±[\d.]+\) of database CPU, 10\d us \(±[\d.]+\) with its auth service; JWT HS256 2\d\.\d us \(±[\d.]+\) of app CPU, 5\d\.\d us \(±[\d.]+\) with its Redis, no Postgres; /,
  )
  expect(costs).not.toContain('proxy')
  expect(comparison).toMatch(
    /^At saturation, in app and database CPU together \(with Redis, auth service\), Session is cheaper/,
  )
})

test('a Redis whose CPU cannot be read is named all the same', () => {
  expect(headline(exampleWithCompanions({ absent: 'not seen' }))[0]).toContain(
    'of app CPU, CPU with its Redis not measured, no Postgres; ',
  )
})

test('where every variant was left out the headline says that, and not that restarts are too few', () => {
  const results = exampleResults({ restarts: 3, variants: fixtureVariants.filter(({ role }) => role !== 'candidate') })
  const said = (leftOut: readonly VariantRecord[]) =>
    headline({ ...results, plan: { ...results.plan, variants: [...results.plan.variants, ...leftOut] } })
  const { plan } = exampleResults({ restarts: 2 })
  const leftOut = plan.variants.flatMap((one) =>
    one.role === 'candidate' ? [{ ...one, state: { leftOut: 'its server died' } }] : [],
  )
  expect(said(leftOut)).toEqual(['No cost can be given: every variant was left out, for the reasons given below.'])
  expect(said([])).toEqual(['No cost can be given: nothing but the control was measured.'])
})

test('a candidate that has too few restarts beside the first is named as not compared, with why', () => {
  const results = exampleResults(options)
  const slices = results.slices.filter(({ variant, restart }) => variant !== 'jwt:alg=ES256' || restart < 2)
  const sentences = headline({ ...results, slices, ...estimate({ ...results, slices }) })
  const comparison = sentences.find((sentence) => /^At saturation, in app and database CPU/.test(sentence))
  expect(comparison).toMatch(
    /Session is .*; is not compared with JWT ES256 \(2 of at least 3 restarts can be used.*\)\.$/,
  )
})

test('candidates of another set are named as not compared, and where all others stand there, only that is said', () => {
  const results = exampleInTwoSets(options)
  const [, comparison] = headline(results)
  expect(comparison).toMatch(
    /Session is cheaper than JWT ES256 by .*; is not compared with JWT RS256, JWT EdDSA, which stood in another set\.$/,
  )
  const apart = (id: string): boolean => !['jwt:alg=HS256', 'jwt:alg=ES256'].includes(id)
  const variants = results.plan.variants.filter(({ id }) => apart(id))
  const estimates = results.estimates.filter(({ variant }) => apart(variant))
  expect(headline({ ...results, estimates, plan: { ...results.plan, variants } })[1]).toBe(
    'At 2,000 requests/s, Session is not compared with JWT RS256, JWT EdDSA, which stood in another set.',
  )
})
