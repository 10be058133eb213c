import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readConfigFile } from './config-file.ts'
import { makePlan } from './plan.ts'

const folder = mkdtempSync(join(tmpdir(), 'authcost-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileOf(text: string): string {
  const path = join(folder, 'plan.json')
  writeFileSync(path, text)
  return path
}

it('holds the fields of the options, checked by the same schema', () => {
  const config = readConfigFile(fileOf('{ "profile": "quick", "variants": ["session"], "poolSize": 4 }'))
  expect(makePlan(config)).toMatchObject({ poolSize: 4, restarts: 4 })
  expect(() => makePlan(readConfigFile(fileOf('{ "pool-size": 4 }')))).toThrow(/Unknown field "pool-size"/)
  expect(() => makePlan(readConfigFile(fileOf('{ "variants": "session" }')))).toThrow(/^variants\b.*"session"/)
})

it.each([
  ['{ "profile": ', /is not JSON/],
  ['["session"]', /must hold one JSON object/],
  ['null', /must hold one JSON object/],
])('is refused with its path when it holds %s', (text, message) => {
  const path = fileOf(text)
  expect(() => readConfigFile(path)).toThrow(message)
  expect(() => readConfigFile(path)).toThrow(path)
})

it('is refused with its path when it is not there', () => {
  expect(() => readConfigFile(join(folder, 'absent.json'))).toThrow(/Cannot read the config file .*absent\.json/)
})
