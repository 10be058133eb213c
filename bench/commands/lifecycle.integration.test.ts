import { expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

test('a run measures sign-ins where it is asked to: every call answered, nobody left signed in, the population untouched', async () => {
  await using harness = new HarnessProcess([
    ...['run', 'session', 'jwt:alg=HS256,transport=bearer', '--profile', 'quick', '--lifecycle', 'on'],
    ...['--restarts', '3', '--rounds', '1', '--sessions', '100', '--users', '50', '--postgres', 'embedded'],
  ])
  expect(await harness.ended).toBe(0)
  const { lifecycle, slices } = resultsSchema.parse(harness.results())
  const batches = lifecycle?.batches ?? []
  expect(new Set(batches.map(({ failures }) => failures))).toEqual(new Set([0]))
  const called = (variant: string) => new Set(batches.filter((one) => one.variant === variant).map(({ call }) => call))
  expect(called('none')).toEqual(new Set(['register', 'login', 'sign-in', 'logout']))
  expect(called('session')).toEqual(new Set(['register', 'login', 'sign-in', 'request', 'logout']))
  expect(called('jwt:alg=HS256,transport=bearer')).toEqual(
    new Set(['register', 'login', 'sign-in', 'request', 'refresh', 'cycle', 'logout']),
  )
  // A refresh is one statement, a cycle its requests and one refresh each: nothing else was on the wire.
  for (const { call, calls, app, requestsPerToken } of batches.filter(({ variant }) => variant.startsWith('jwt'))) {
    if (call === 'refresh') expect(app.queries).toBe(calls)
    if (call === 'cycle') expect(app.queries).toBe(calls / (requestsPerToken ?? 1))
    if (call === 'request') expect(app.queries).toBe(0)
  }
  // Hashing is what a login costs: without it, it is another order of magnitude, on any machine.
  const cpu = (call: string) =>
    lifecycle?.calls.find((one) => one.variant === 'session' && one.call === call && one.metric === 'appCpuUs')?.figure
  const [login, signIn] = [cpu('login'), cpu('sign-in')]
  if (login === undefined || signIn === undefined || 'absent' in login || 'absent' in signIn) throw new Error('absent')
  expect(login.value).toBeGreaterThan(10 * signIn.value)
  expect(lifecycle?.amortised.map(({ requestsPerToken }) => requestsPerToken)).toEqual([10, 10, 10, 100, 100, 100])
  expect(slices.every(({ wrongBodies, non2xx }) => wrongBodies + non2xx === 0)).toBe(true)
  expect(harness.stdout).toContain('Signing in and out')
  // Credentials and passwords of the accounts stay in memory. Tokens by their form: `eyJ` alone stands in histograms too.
  const kept = JSON.stringify(harness.results())
  expect(kept.match(/"password"|set-cookie|lifecycle-[0-9a-f]{18}|eyJ[\w-]+\.[\w-]+\./)?.[0]).toBeUndefined()
}, 240_000)
