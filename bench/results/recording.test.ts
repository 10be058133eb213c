import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { estimate } from '../estimates/estimate.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { Results } from '../record/run.ts'
import { readResults } from './read-results.ts'
import { Recording } from './recording.ts'
import { makeRunId, RunFolder } from './run-folder.ts'

let out = ''
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'authcost-results-'))
})
afterEach(() => rmSync(out, { recursive: true, force: true }))

const example = exampleResults({ restarts: 3, rounds: 2, estimated: false })

/** Records the example as a run does, and ends it or leaves it as a crash would. */
function record(folder: RunFolder, ended: boolean): Results {
  const { estimates: _, absent: __, noiseBands: ___, slices, warmUps, ...head } = example
  const warning = { code: 'own', message: 'of the run', remedy: 'none', severity: 'low' as const }
  const recording = new Recording(
    folder,
    { ...head, run: { ...head.run, state: 'running' }, warnings: [warning] },
    estimate,
  )
  recording.addWarmUps(warmUps)
  for (const slice of slices) recording.addSlice(slice)
  if (ended) recording.changeHead({ run: { ...recording.head.run, state: 'complete' } })
  return recording.results()
}

describe('a record', () => {
  it('is read back as it was written, from results.json and from its lines', () => {
    const folder = RunFolder.create(out, 'a')
    const results = record(folder, true)
    folder.write('results.json', JSON.stringify(results))
    folder.close()
    const whole = readResults(folder.path, estimate)
    expect(whole).toEqual(results)
    expect(readResults(join(folder.path, 'slices.ndjson'), estimate)).toEqual(whole)
    expect(whole.run.state).toBe('complete')
    expect(whole.estimates.length).toBeGreaterThan(0)
  })

  it('of a run that ended before anything was measured says so', () => {
    const folder = RunFolder.create(out, 'a')
    folder.close()
    expect(() => readResults(folder.path, estimate)).toThrow(/ended before anything was measured/)
  })

  it('whose results.json is cut off names the lines it can be drawn from', () => {
    const folder = RunFolder.create(out, 'a')
    record(folder, true)
    folder.write('results.json', '{"schemaVersion": 1, ')
    folder.close()
    expect(() => readResults(folder.path, estimate)).toThrow(/not JSON.*slices\.ndjson: name that file instead/)
    expect(readResults(join(folder.path, 'slices.ndjson'), estimate).slices.length).toBeGreaterThan(0)
  })

  it('of a run that was killed is rebuilt from its lines, although it had written a results.json after a restart', () => {
    const folder = RunFolder.create(out, 'a')
    const last = record(folder, false)
    const before = { ...last, slices: last.slices.filter(({ restart }) => restart === 0) }
    folder.write('results.json', JSON.stringify(before))
    folder.close()
    const rebuilt = readResults(folder.path, estimate)
    expect([rebuilt.run.state, rebuilt.slices.length]).toEqual(['interrupted', example.slices.length])
    // A file that is named is taken as it is.
    expect(readResults(join(folder.path, 'results.json'), estimate).slices).toEqual(before.slices)
    rmSync(join(folder.path, 'slices.ndjson'))
    expect(readResults(folder.path, estimate).run.state).toBe('running')
  })

  it('of a run that crashed is rebuilt from its lines, as interrupted, with its own warnings once', () => {
    const folder = RunFolder.create(out, 'a')
    record(folder, false)
    folder.close()
    const rebuilt = readResults(folder.path, estimate)
    expect(rebuilt.run.state).toBe('interrupted')
    expect(rebuilt.slices).toEqual(example.slices)
    expect(rebuilt.warnings.filter(({ code }) => code === 'own')).toHaveLength(1)
    expect(rebuilt.estimates).toEqual(estimate(example).estimates)
  })

  it('loses nothing but a last line that was cut off', () => {
    const folder = RunFolder.create(out, 'a')
    record(folder, false)
    folder.close()
    const lines = join(folder.path, 'slices.ndjson')
    truncateSync(lines, readFileSync(lines).length - 200)
    expect(readResults(folder.path, estimate).slices).toEqual(example.slices.slice(0, -1))
  })

  it.each([
    ['{"slice": {"set": 0', 'is not JSON'],
    ['{"slice": {"set": 0}}', 'is no record of authcost'],
  ])('is refused, with the line, where one in the middle is damaged: %s', (line, message) => {
    const folder = RunFolder.create(out, 'a')
    record(folder, false)
    folder.close()
    const path = join(folder.path, 'slices.ndjson')
    const lines = readFileSync(path, 'utf8').split('\n')
    writeFileSync(path, [lines[0], line, ...lines.slice(1)].join('\n'))
    expect(() => readResults(path, estimate)).toThrow(`Line 2 of ${path} ${message}`)
  })

  it('is refused without its first line', () => {
    appendFileSync(join(out, 'slices.ndjson'), `${JSON.stringify({ slice: example.slices[0] })}\n`)
    expect(() => readResults(out, estimate)).toThrow(/does not say what was measured/)
  })
})

describe('readResults', () => {
  it.each<[string, RegExp]>([
    ['{ "schemaVersion": 99 }', /schema version 99; this authcost reads 1/],
    ['{ "schemaVersion": 1 }', /is no results file of authcost: /],
    ['<html>', /is not JSON/],
  ])('says what is wrong with a file that holds %s', (text, message) => {
    writeFileSync(join(out, 'results.json'), text)
    expect(() => readResults(out, estimate)).toThrow(message)
  })

  it('says so where there is nothing', () => {
    expect(() => readResults(join(out, 'absent'), estimate)).toThrow(/There is no /)
    expect(() => readResults(out, estimate)).toThrow(/neither results.json nor slices.ndjson/)
  })
})

describe('RunFolder', () => {
  it('names runs so that they sort by time and two of one second do not meet', () => {
    const id = makeRunId(new Date('2026-11-23T14:05:06.789Z'), '1a2b')
    expect(id).toBe('20261123-140506-1a2b')
    expect(id < makeRunId(new Date('2026-11-23T14:05:07Z'), '0000')).toBe(true)
  })

  it('leads "latest" to the newest run, and leaves a file of the user that has the name', () => {
    for (const name of ['a', 'b']) {
      const folder = RunFolder.create(out, name)
      folder.write('index.html', name)
      folder.linkLatest()
      folder.close()
    }
    expect(readFileSync(join(out, 'latest', 'index.html'), 'utf8')).toBe('b')
    const other = join(out, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'latest'), 'mine')
    const folder = RunFolder.create(other, 'c')
    folder.linkLatest()
    folder.close()
    expect(readFileSync(join(other, 'latest'), 'utf8')).toBe('mine')
  })

  it('goes on behind the last whole line where one was cut off', () => {
    const folder = RunFolder.create(out, 'a')
    record(folder, false)
    folder.close()
    const path = join(folder.path, 'slices.ndjson')
    // One byte: the line is whole but for its end. More: it is not.
    for (const [lost, kept] of [
      [1, example.slices.length],
      [200, example.slices.length - 1],
    ] as const) {
      const whole = readFileSync(path)
      truncateSync(path, whole.length - lost)
      const reopened = RunFolder.reopen(folder.path)
      expect(readResults(path, estimate).slices).toEqual(example.slices.slice(0, kept))
      reopened.append({ slice: example.slices[0] })
      reopened.append({ slice: example.slices[1] })
      reopened.close()
      expect(readResults(path, estimate).slices).toEqual([
        ...example.slices.slice(0, kept),
        ...example.slices.slice(0, 2),
      ])
      writeFileSync(path, whole)
    }
  })

  it('says which option to change where it cannot write', () => {
    writeFileSync(join(out, 'file'), '')
    expect(() => RunFolder.create(join(out, 'file'), 'a')).toThrow(/Cannot write to .*file: .*--out/)
  })

  // The kernel's own full disk: every write to it fails with ENOSPC.
  it.skipIf(!existsSync('/dev/full'))('says on a full disk what is kept and how to draw it', () => {
    const path = join(out, 'a')
    mkdirSync(path)
    symlinkSync('/dev/full', join(path, 'slices.ndjson'))
    const folder = RunFolder.create(out, 'a')
    expect(() => folder.append({ slice: 1 })).toThrow(
      `Cannot write to ${path}: the disk is full. What was measured before stands in slices.ndjson there; make room and draw it with: npm run bench -- report ${path}`,
    )
    folder.close()
  })

  it.skipIf(!existsSync('/dev/full'))('leaves the last whole file where a new one does not fit', () => {
    const folder = RunFolder.create(out, 'a')
    folder.write('results.json', 'whole')
    symlinkSync('/dev/full', join(folder.path, 'results.json.tmp'))
    expect(() => folder.write('results.json', 'half')).toThrow(/the disk is full/)
    folder.close()
    expect(readFileSync(join(folder.path, 'results.json'), 'utf8')).toBe('whole')
    expect(readdirSync(folder.path).sort()).toEqual(['results.json', 'slices.ndjson'])
  })
})
