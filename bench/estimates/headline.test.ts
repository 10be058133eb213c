import { expect, test } from 'vitest'
import { headline } from './headline.ts'
import { fixtureVariants } from './plan.fixture.ts'
import { exampleResults } from './slice.fixture.ts'

const options = { restarts: 6, otherRounds: 3 } as const

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
  const turned = fixtureVariants.map((variant) =>
    variant.id === 'jwt:alg=HS256' ? { ...variant, appSaturationUs: 20, appFixedRateUs: 60 } : variant,
  )
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

test('without a noise band the headline says neither that there is a difference nor that there is none', () => {
  const results = exampleResults(options)
  const estimates = results.estimates.map(({ verdict: _, ...estimate }) => estimate)
  const [, comparison] = headline({ ...results, estimates })
  expect(comparison).toMatch(
    /Session seems cheaper than JWT ES256 by .*; seems dearer than JWT HS256 by .*; the twin gave no noise band/,
  )
  expect(comparison).not.toContain('no difference')
})
