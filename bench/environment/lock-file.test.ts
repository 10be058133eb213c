import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
