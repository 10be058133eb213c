import { expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { exampleResults } from './slice.fixture.ts'

test('the example results follow the schema, and a seed fixes them', () => {
  const options = { restarts: 3, rounds: 2 }
  const results = exampleResults(options)
  expect(resultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results)
  expect(exampleResults(options)).toEqual(results)
  expect(exampleResults({ ...options, seed: 2 }).slices).not.toEqual(results.slices)
})
