import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isUnderWay } from './clean-up.ts'
import { RunLock, readLockFile } from './lock-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authcost-test-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('what cannot be noted is an error, what cannot be taken out is none: it goes with the next change', () => {
  const lock = new RunLock('run', folder)
  lock.addContainer('c1')
  // As good as a full disk: nothing can be written.
  rmSync(folder, { recursive: true })
  expect(() => lock.addFolder('authcost-x')).toThrow(/ENOENT/)
  expect(() => lock.removeFolder('authcost-x')).not.toThrow()
  expect(() => lock.removeContainer('c1')).not.toThrow()
  expect(() => lock.removeProcess(1)).not.toThrow()
  mkdirSync(folder)
  lock.addContainer('c2')
  expect(readLockFile(join(folder, 'run.json'))).toMatchObject({ containers: ['c2'], folders: [] })
  lock.removeContainer('c2')
  lock.close()
  expect(readdirSync(folder)).toEqual([])
})

test('a run is under way in the folder that it writes to, be it its own or that of one that goes on', () => {
  const own = new RunLock('own', folder)
  const goesOn = new RunLock('another-id', folder, 'begun-before')
  expect(['own', 'begun-before', 'another-id'].map((name) => isUnderWay(name, folder))).toEqual([true, true, false])
  own.close()
  goesOn.close()
  expect(['own', 'begun-before'].map((name) => isUnderWay(name, folder))).toEqual([false, false])
})
