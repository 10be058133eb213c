import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder, RunFolder } from './run-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'authcost-folders-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a folder is made with its parents, and one that is there is left as it is', () => {
  const path = join(folder, 'a', 'b', 'c')
  makeFolder(path)
  writeFileSync(join(path, 'kept'), '')
  makeFolder(path)
  expect(existsSync(join(path, 'kept'))).toBe(true)
})

test.runIf(process.platform === 'linux')('a place where no folder can be made is refused, not tried for ever', () => {
  expect(() => RunFolder.create('/proc/authcost-test', 'run')).toThrow(/Cannot write to .*--out/)
})

test('a file in the way is refused with a message that names --out', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => RunFolder.create(join(folder, 'file'), 'run')).toThrow(/Cannot write to .*--out/)
})
