import { expect, test } from 'vitest'
import { makePlan } from './plan.ts'
import { planFromFile, planToFile } from './plan-file.ts'

const written = (input: Parameters<typeof makePlan>[0]): string => JSON.stringify(planToFile(makePlan(input)))

test.each([
  ['redis', { variants: ['session:store=redis'], redis: 'redis://:s3cret@cache:6379' }],
  ['postgres', { variants: ['session'], postgres: 'postgres://me:s3cret@database/test' }],
])('an address of one’s own is not written down and has to be given again: --%s', (option, input) => {
  const file = written(input)
  expect(file).not.toContain('s3cret')
  expect(() => planFromFile(JSON.parse(file), { out: 'reports' })).toThrow(`with --${option}`)
  const given = { redis: undefined, postgres: undefined, ...input }
  expect(planFromFile(JSON.parse(file), { out: 'reports', ...given })).toMatchObject(
    option === 'redis' ? { redis: given.redis } : { postgres: given.postgres },
  )
})

test('a run with a Redis of its own goes on without being told of one', () => {
  const plan = planFromFile(JSON.parse(written({ variants: ['session:store=redis'], redisImage: 'redis:7' })), {
    out: 'reports',
  })
  expect(plan).toMatchObject({ redis: undefined, redisImage: 'redis:7' })
})
