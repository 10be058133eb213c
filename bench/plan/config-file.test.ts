import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { overlaid, readConfigFile } from './config-file.ts'
import type { PlanInput } from './input.ts'
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

it.each<[PlanInput, PlanInput, PlanInput]>([
  [{ poolSize: 4, seed: 1 }, { poolSize: 5 }, { poolSize: 5, seed: 1 }],
  [{ variants: ['session'] }, { set: 'frontier' }, { set: 'frontier' }],
  [{ set: 'libraries' }, { variants: ['session'] }, { variants: ['session'] }],
  [{ redis: 'redis://cache:6379' }, { redisImage: 'redis:7' }, { redisImage: 'redis:7' }],
  [{ redisImage: 'redis:7' }, { redis: 'redis://cache:6379' }, { redis: 'redis://cache:6379' }],
  [{ dbDelay: '1ms', rate: 500 }, { vary: ['dbDelay=0,2ms'] }, { rate: 500, vary: ['dbDelay=0,2ms'] }],
  [{ vary: ['dbDelay=0,2ms', 'pool=2,5'] }, { dbDelay: '1ms' }, { vary: ['pool=2,5'], dbDelay: '1ms' }],
  [{ vary: [' rate = 500,900'] }, { rate: '700' }, { vary: [], rate: '700' }],
  [{ sessions: 50_000 }, { vary: ['sessions=6000,9000'] }, { vary: ['sessions=6000,9000'] }],
])('what is typed wins over a file that says the same in another way: %j by %j', (file, typed, input) => {
  expect(overlaid(file, typed)).toEqual(input)
  expect(() => makePlan(overlaid({ variants: ['session'], ...file }, typed))).not.toThrow()
})

it('may hold rivals of its own, which are refused', () => {
  const file: PlanInput = { set: 'frontier', variants: ['session'] }
  expect(overlaid(file, { seed: 1 })).toEqual({ ...file, seed: 1 })
  expect(() => makePlan(overlaid(file, { seed: 1 }))).toThrow(/names the variants already/)
})

it('is refused by field where it holds text in place of a list, whatever is typed', () => {
  const config = readConfigFile(fileOf('{ "vary": "dbDelay=1ms" }'))
  expect(() => makePlan(overlaid(config, { dbDelay: '1ms' }))).toThrow(/^vary\b/)
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
