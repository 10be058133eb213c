import { expect, it } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

// As a user starts it, with the least that gives intervals.
it('tells a cheap token from a dear one, and says what signing takes', async () => {
  await using harness = new HarnessProcess([
    ...['tune', 'token', '--alg', 'HS256,ES256', '--max-bytes', '600'],
    ...['--restarts', '3', '--rounds', '2', '--seed', '7', '--postgres', 'embedded'],
  ])
  expect(await harness.ended, harness.stderr).toBe(0)
  const results = resultsSchema.parse(harness.results())
  const token = results.tuning?.token
  if (token === undefined) throw new Error('tune token gave no answer')

  expect(results.run.command).toBe('tune')
  expect(results.plan.tokenGrid?.needs).toEqual({ asymmetric: false, postQuantum: false, maxBytes: 600 })
  // 3 restarts, 3 rounds that count, 2 tokens with control and twin.
  expect(results.signings).toHaveLength(3 * 3 * 4)
  expect(token.cells.map(({ variant }) => variant)).toEqual(['jwt:alg=HS256', 'jwt:alg=ES256'])
  for (const cell of token.cells) {
    expect(cell.credentialBytes).toBeGreaterThan(200)
    expect(cell.misses).toEqual([])
  }
  // An ES256 signature costs several times what an HMAC does, on any machine: nothing of its size is noise.
  const costs = token.cells.map(({ variant }) =>
    meanCpuUs(results.slices.filter((slice) => slice.variant === variant && slice.load.mode === 'saturation')),
  )
  expect(costs[0]).toBeLessThan(costs[1] ?? 0)

  expect(token.recommendations.length).toBeGreaterThan(0)
  const named = token.recommendations.flatMap(({ answer }) => ('variant' in answer ? [answer.variant] : []))
  // Whatever a busy machine leaves of it: the dear one is never shown to be the cheapest.
  expect(
    token.recommendations.filter(({ answer }) => answer.state === 'settled' && answer.variant === 'jwt:alg=ES256'),
  ).toEqual([])
  expect(named.every((variant) => token.cells.some((cell) => cell.variant === variant))).toBe(true)
  expect(harness.stdout).toContain('Signing a token costs')
  expect(harness.stdout).toContain(token.sentences[0]?.slice(0, 30) ?? 'no sentence')
}, 240_000)

it('refuses what this runtime or this machine cannot answer before anything is started', async () => {
  await using harness = new HarnessProcess(['tune', 'token', '--alg', 'HS256', '--post-quantum'])
  expect(await harness.ended).toBe(2)
  expect(harness.stderr).toContain('--post-quantum')
})

function meanCpuUs(slices: readonly { readonly app: { readonly cpuUs: number }; readonly requests: number }[]): number {
  const sum = (of: (slice: (typeof slices)[number]) => number): number =>
    slices.reduce((total, slice) => total + of(slice), 0)
  return sum(({ app }) => app.cpuUs) / sum(({ requests }) => requests)
}
