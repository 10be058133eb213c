import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exampleCalibration } from '../estimates/calibration.fixture.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { exampleSweep } from '../estimates/tuning/pool-sweep.fixture.ts'
import { makePlan, type Plan } from '../plan/plan.ts'
import { planToFile } from '../plan/plan-file.ts'
import { poolTuningPlan } from '../plan/pool-grid.ts'
import type { Results } from '../record/run.ts'
import { readResumed, resumedExitCode } from './resume.ts'

describe('the exit code of a run that went on', () => {
  it('of a calibration is that of calibrate: 1 where a known amount was missed', () => {
    expect(resumedExitCode(exampleCalibration({ cpuErrorUs: 15 }))).toBe(1)
  })

  it('of any other run is 0 where nothing was left out', () => {
    expect(resumedExitCode(exampleResults({ doubtfulShare: 0 }))).toBe(0)
  })
})

/** The folder of a run with this plan that has measured this. */
function writeFolder(out: string, plan: Plan, results: Results): string {
  const folder = join(out, 'run')
  mkdirSync(folder)
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(planToFile(plan)))
  const { slices, warmUps: _, estimates: __, absent: ___, noiseBands: ____, ...head } = results
  const lines = [{ head }, ...slices.map((slice) => ({ slice }))]
  writeFileSync(join(folder, 'slices.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return folder
}

describe('a run of 8 restarts that is read to go on', () => {
  let out = ''
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'authcost-resume-'))
  })
  afterEach(() => rmSync(out, { recursive: true, force: true }))

  /** The folder of a run in which so many restarts were begun. */
  function folderOf(begun: number, run: Partial<Results['run']>): string {
    const results = exampleResults({ restarts: begun, rounds: 1, estimated: false })
    return writeFolder(out, makePlan({ seed: 1, restarts: 8 }), { ...results, run: { ...results.run, ...run } })
  }

  it('gets as many as are missing of 8 whole ones, although it was interrupted twice', () => {
    const folder = folderOf(7, { state: 'interrupted', wholeRestarts: 5 })
    expect(readResumed(folder, {}).plan.restarts).toBe(7 + 3)
  })

  it('gets a ninth that is asked for, although nine were begun', () => {
    const folder = folderOf(9, { state: 'complete', wholeRestarts: 8 })
    expect(() => readResumed(folder, {})).toThrow(/is finished \(restarts: 8\)/)
    expect(readResumed(folder, { restarts: 9 })).toMatchObject({ plan: { restarts: 9 + 1 }, wanted: 9 })
  })

  it('is finished as a sweep of pools that stopped because all was settled, however many restarts it was given', () => {
    const grid = { pool: '1,2,5,10,20', connections: '8,64', tokens: 'ES256', restarts: 8, seed: 1 }
    const measured = exampleSweep({ restarts: 5, connections: [8, 64], delaysUs: [0] })
    const folder = writeFolder(out, poolTuningPlan(grid), measured)
    for (const restarts of [undefined, 9])
      expect(() => readResumed(folder, { restarts })).toThrow(/is finished \(restarts: 5\): every .* is settled/)
    rmSync(folder, { recursive: true })
    const plain = writeFolder(out, poolTuningPlan({ ...grid, plainGrid: true }), measured)
    expect(readResumed(plain, {}).plan.restarts).toBe(8)
  })
})
