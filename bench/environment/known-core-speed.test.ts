import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CoreKind, type FoundSpeed, knownCoreSpeed, noteCoreSpeed } from './known-core-speed.ts'

const here: CoreKind = { machine: 'm1', cpuModel: 'A processor', node: 'v20', cpus: '1' }

const found = (workUs: number, slopes: FoundSpeed['slopes'] = []): FoundSpeed => ({ workUs, slopes })

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authcost-known-core-speed-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const note = (runs: readonly number[], kind = here) => {
  for (const [index, workUs] of runs.entries()) noteCoreSpeed(kind, `${kind.node}-run-${index}`, found(workUs), folder)
}

describe('the speed of undisturbed cores', () => {
  it('is unknown before the first run', () => {
    expect(knownCoreSpeed(here, folder)).toBeUndefined()
  })

  it('is near the fastest of earlier runs, whatever the others met', () => {
    note([41, 73])
    const known = knownCoreSpeed(here, folder)
    expect(known?.runs).toBe(2)
    expect(known?.undisturbedWorkUs).toBeGreaterThanOrEqual(41)
    expect(known?.undisturbedWorkUs).toBeLessThan(46)
  })

  it('is not that of a single run that was faster than all others', () => {
    note([30, ...Array.from({ length: 19 }, () => 41)])
    expect(knownCoreSpeed(here, folder)?.undisturbedWorkUs).toBeGreaterThan(40)
  })

  it('forgets cores that were faster once, after twenty runs', () => {
    note([41, 41, 41, ...Array.from({ length: 20 }, () => 60)])
    expect(knownCoreSpeed(here, folder)).toEqual({ undisturbedWorkUs: 60, runs: 20, slopes: [] })
  })

  it('is kept apart by machine, processor, Node and cores', () => {
    note([41])
    for (const other of [{ machine: 'm2' }, { cpuModel: 'Another' }, { node: 'v22' }, { cpus: '2-3' }]) {
      expect(knownCoreSpeed({ ...here, ...other }, folder)).toBeUndefined()
    }
    note([30, 31, 32], { ...here, node: 'v22' })
    expect(knownCoreSpeed(here, folder)).toEqual({ undisturbedWorkUs: 41, runs: 1, slopes: [] })
  })

  it('comes with how CPU went with it, by each kind of load', () => {
    const saturation = { mode: 'saturation' as const, slope: 1.8, standardError: 0.1 }
    noteCoreSpeed(here, 'run-0', found(41, [saturation]), folder)
    noteCoreSpeed(here, 'run-1', found(41, [saturation]), folder)
    const [slope, ...others] = knownCoreSpeed(here, folder)?.slopes ?? []
    expect(others).toEqual([])
    expect(slope?.mode).toBe('saturation')
    expect(slope?.slope).toBeGreaterThan(1.6)
    expect(slope?.slope).toBeLessThan(1.8)
  })

  it('of a run that goes on is noted once', () => {
    noteCoreSpeed(here, 'run', found(50), folder)
    noteCoreSpeed(here, 'run', found(45), folder)
    expect(knownCoreSpeed(here, folder)).toEqual({ undisturbedWorkUs: 45, runs: 1, slopes: [] })
  })

  it('is unknown where the file is damaged, and the next run writes it anew', () => {
    writeFileSync(join(folder, 'core-speed.json'), '{"version":1,"runs":[{"workUs":')
    expect(knownCoreSpeed(here, folder)).toBeUndefined()
    note([41])
    expect(knownCoreSpeed(here, folder)?.runs).toBe(1)
  })

  it('is not kept where nothing can be written, without any complaint', () => {
    writeFileSync(join(folder, 'a-file'), '')
    expect(() => noteCoreSpeed(here, 'run', found(41), join(folder, 'a-file'))).not.toThrow()
  })

  it('keeps a bounded file: the oldest of other kinds go first', () => {
    for (let kind = 0; kind < 205; kind++)
      noteCoreSpeed({ ...here, cpus: String(kind) }, `run-${kind}`, found(41), folder)
    const { runs } = JSON.parse(readFileSync(join(folder, 'core-speed.json'), 'utf8')) as { runs: unknown[] }
    expect(runs).toHaveLength(200)
    expect(knownCoreSpeed({ ...here, cpus: '0' }, folder)).toBeUndefined()
    expect(knownCoreSpeed({ ...here, cpus: '204' }, folder)?.runs).toBe(1)
  })
})
