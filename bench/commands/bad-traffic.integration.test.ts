import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'authcost-careless-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const options = [
  '--bad-share',
  '30%',
  '--bad-kinds',
  '--restarts',
  '1',
  '--rounds',
  '1',
  '--sessions',
  '1000',
  '--users',
  '100',
]

/** The example strategy, which now and then forgets to look at the end of a key: never when the gate asks it once. */
function carelessStrategy(): string {
  const example = readFileSync(join(import.meta.dirname, '../../docs/examples/my-strategy.js'), 'utf8')
  const check = 'if (Number(endS) * 1000 <= now()) return'
  expect(example).toContain(check)
  const careless = example.replace(check, 'if (Number(endS) * 1000 <= now() && ++expiredSeen % 5 !== 0) return')
  const file = join(folder, 'careless.js')
  writeFileSync(file, `let expiredSeen = 0\n${careless}`)
  return file
}

test('a strategy that passes the gate and is careless under load is named at the head, with exit code 3', async () => {
  await using harness = new HarnessProcess(['run', carelessStrategy(), '--postgres', 'embedded', ...options])
  expect(await harness.ended).toBe(3)
  const results = resultsSchema.parse(harness.results())
  const candidate = results.plan.variants.find(({ role }) => role === 'candidate')
  expect(candidate?.state).toBe('measured')
  expect(results.checks.gate.every(({ passed }) => passed)).toBe(true)
  expect(results.warnings).toContainEqual(
    expect.objectContaining({ code: 'false-accept', variant: candidate?.id, severity: 'high' }),
  )
  expect(harness.stdout).toMatch(/! .*It accepted [\d,]+ of [\d,]+ bad credentials under load \(expired\)/)
  const own = results.slices.filter(({ variant }) => variant === candidate?.id)
  const bad = own.flatMap((slice) => (slice.load.mode === 'bad-traffic' ? [{ ...slice, load: slice.load }] : []))
  expect(bad.map(({ load }) => load.kind ?? load.badShare)).toEqual([0.3, 1, 'absent', 'forged', 'expired'])
  for (const { load, doubts, badTraffic, requests } of bad) {
    if (load.kind !== undefined) expect(badTraffic?.requests).toBe(requests)
    if (load.kind !== undefined && load.kind !== 'expired') {
      expect(badTraffic).toMatchObject({ falseAccepts: 0, wrongRefusals: 0 })
      continue
    }
    expect(doubts.map(({ code }) => code)).toContain('false-accept')
    expect(badTraffic).toMatchObject({ acceptedKinds: ['expired'], falseRefusals: 0 })
  }
  // Nobody else is blamed: the control refuses what it is sent, and the server's own count agrees.
  for (const slice of results.slices.filter(
    ({ role, badTraffic }) => role !== 'candidate' && badTraffic !== undefined,
  )) {
    expect(slice.badTraffic).toMatchObject({ falseAccepts: 0, falseRefusals: 0, wrongRefusals: 0 })
    expect(slice.app.refusals).toBe(slice.badTraffic?.requests)
  }
}, 240_000)
