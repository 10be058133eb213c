import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { calibrationOf, type Recovery } from '../estimates/calibration.ts'
import { estimate } from '../estimates/estimate.ts'
import { runPlan } from '../pipeline/run-plan.ts'
import type { Results } from '../record/run.ts'
import type { Slice } from '../record/slice.ts'
import { readResults } from '../results/read-results.ts'
import { RunFolder } from '../results/run-folder.ts'
import { median } from '../statistics/samples.ts'
import { calibrationPlan, knownCosts } from './calibrate.ts'

// The proof that the whole path finds a known cost again, on every change and on whatever machine runs it.
const out = mkdtempSync(join(tmpdir(), 'authcost-calibrate-'))
afterAll(() => rmSync(out, { recursive: true, force: true }))

const rounds = 3
const wanted = ['synthetic:cpu=10us', 'synthetic:cpu=50us']

async function measure(restarts: number): Promise<Results> {
  const whole = calibrationPlan({ profile: 'quick', restarts, rounds, seed: 20_260_101, postgres: 'embedded', out })
  const plan = {
    ...whole,
    // Two amounts at saturation keep this below a minute; the other loads have the command itself.
    sets: whole.sets.map((set) => set.filter(({ key, role }) => role !== 'candidate' || wanted.includes(key))),
    loads: whole.loads.filter(({ mode }) => mode === 'saturation'),
  }
  const runId = `calibrate-${restarts}`
  const folder = RunFolder.create(out, runId)
  const { results, failure } = await runPlan({
    plan,
    runId,
    command: 'calibrate',
    commandLine: 'authcost calibrate',
    folder,
    progress: { phase: () => {}, notice: () => {}, slice: () => {} },
    signal: new AbortController().signal,
  })
  folder.close()
  if (failure !== undefined) throw failure
  if (results === undefined) throw new Error('Nothing was measured.')
  expect(results.run.state).toBe('complete')
  expect(results.slices.filter(({ further }) => further !== true)).toHaveLength(restarts * rounds * 4)
  // What stands on the disk tells the same as what was handed back.
  expect(readResults(join(folder.path, 'slices.ndjson'), estimate).slices).toEqual(results.slices)
  return results
}

/** Doubts that come of a busy machine, not of a mistake: the bounds of this test are wide enough for such slices. */
const ofTheMachine = new Set(['foreign-load', 'not-saturated', 'steal', 'littles-law'])

const withoutDoubtsOfTheMachine = (slice: Slice): Slice => ({
  ...slice,
  doubts: slice.doubts.filter(({ code }) => !ofTheMachine.has(code)),
})

/**
 * What may be found above the tolerance on a shared host, as a share of the control's own cost: while a known cost burns, neighbours empty
 * the caches, and the rest of the request is dearer for it (docs/method.md, Traps). In hours with a busy neighbour 10 us made it
 * dearer by up to 8 %, 50 us by up to 23 %. A driver that sleeps, which this test is to catch, finds 70 % of 10 us too much
 * and more: a quarter of the control, not a tenth.
 */
const dearerRest: Readonly<Record<string, number>> = { 'synthetic:cpu=10us': 0.1, 'synthetic:cpu=50us': 0.25 }

/** App CPU per request of the control, microseconds. */
const controlCostOf = ({ slices }: Results): number =>
  median(slices.filter(({ role }) => role === 'control').map(({ app, requests }) => app.cpuUs / requests))

interface Finding {
  readonly controlUs: number
  readonly recoveries: readonly Recovery[]
  readonly twin: { readonly value: number; readonly low: number; readonly high: number } | undefined
}

function findingOf(results: Results): Finding {
  const { recoveries, resolutions } = calibrationOf({
    ...results,
    slices: results.slices.map(withoutDoubtsOfTheMachine),
  })
  return { controlUs: controlCostOf(results), recoveries, twin: resolutions[0]?.twin }
}

/** Everything that speaks against it; empty: proven. Figures that are missing speak against it as well. */
function objections({ controlUs, recoveries, twin }: Finding): string[] {
  console.info(`control: ${controlUs.toFixed(1)} us`)
  const found = wanted.flatMap((variant) => {
    const recovery = recoveries.find((one) => one.variant === variant)
    if (recovery === undefined) return [`${variant}: no figure`]
    const { injected, recovered, error, toleranceUs, verdict } = recovery
    const most = toleranceUs + (dearerRest[variant] ?? 0) * controlUs
    console.info(
      `${variant}: injected ${injected.value.toFixed(2)} us, recovered ${recovered.value.toFixed(2)}, error ${error.low.toFixed(2)} to ${error.high.toFixed(2)}: ${verdict}`,
    )
    // A server that burns nothing would agree with itself.
    const nominal = Number(/cpu=(\d+)us/.exec(variant)?.[1])
    if (injected.value < nominal || injected.value > 1.5 * nominal) return [`${variant}: burnt ${injected.value} us`]
    if (error.high < -toleranceUs) return [`${variant}: ${error.high.toFixed(2)} us too little at least`]
    return error.low > most ? [`${variant}: ${error.low.toFixed(2)} us too much at least, of ${most.toFixed(2)}`] : []
  })
  if (twin === undefined) return [...found, 'twin: no figure']
  console.info(`twin: ${twin.value.toFixed(2)} us (${twin.low.toFixed(2)} to ${twin.high.toFixed(2)})`)
  const equal = (twin.low <= 0 && twin.high >= 0) || Math.abs(twin.value) < 1
  return equal ? found : [...found, `twin: differs by ${twin.value.toFixed(2)} us`]
}

it('finds 10 us and 50 us of known CPU again, and no difference between a server and its twin', async () => {
  expect(knownCosts).toEqual(expect.arrayContaining(wanted))
  if (objections(findingOf(await measure(3))).length === 0) return
  console.info('measured once more, with more restarts')
  expect(objections(findingOf(await measure(5)))).toEqual([])
}, 180_000)
