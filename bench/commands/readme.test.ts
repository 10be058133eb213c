import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { planInputSchema } from '../plan/input.ts'
import { makePlan } from '../plan/plan.ts'
import { poolTuningPlan } from '../plan/pool-grid.ts'
import { profiles } from '../plan/profile.ts'
import { tokenTuningPlan } from '../plan/token-grid.ts'
import { calibrateCommand } from './calibrate.ts'
import type { CommandContext } from './command-context.ts'
import { compareCommand } from './compare.ts'
import { doctorCommand } from './doctor.ts'
import { microCommand } from './micro.ts'
import { reportCommand } from './report.ts'
import { runCommand } from './run.ts'
import { serveCommand } from './serve.ts'
import { strategiesCommand } from './strategies.ts'
import { tunePoolCommand } from './tune-pool.ts'
import { tuneTokenCommand } from './tune-token.ts'

// The README is what people read instead of --help: these hold it against the program.
const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

const context: CommandContext = {
  print: () => {},
  progress: { isTTY: false, columns: 80, write: () => {} },
  width: 80,
  colour: false,
  signal: new AbortController().signal,
  argv: [],
}
const exit = (): void => {}

/** Rows of the table below the given heading or sentence, cells without their backticks. */
function tableAfter(start: string): string[][] {
  const from = readme.indexOf(start)
  if (from === -1) throw new Error(`README.md has no "${start}".`)
  const lines = readme.slice(from).split('\n')
  const first = lines.findIndex((line) => line.startsWith('|'))
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  return lines.slice(first + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

const optionsOf = (command: Command): string[] => command.options.map(({ flags }) => flags)

test('the option table names exactly the options of run, in the order of --help', () => {
  expect(tableAfter('## Options of run').map(([option]) => option)).toEqual(optionsOf(runCommand(context, exit)))
})

test('the option table gives the defaults that the plan takes', () => {
  const defaults = new Map<string, unknown>(Object.entries(planInputSchema.parse({})))
  for (const [option = '', shown = ''] of tableAfter('## Options of run')) {
    const field = option
      .replace(/^--/, '')
      .replace(/ .*/, '')
      .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const fallback = defaults.get(field)
    const said = ['profile', 'drawn', 'off', 'none'].includes(shown) ? undefined : shown
    expect([option, said]).toEqual([
      option,
      fallback === undefined || fallback === false || `${fallback}` === '' ? undefined : `${fallback}`,
    ])
  }
})

test('every field of a config file is an option or the variants', () => {
  const options = new Set(optionsOf(runCommand(context, exit)).map((flags) => flags.replace(/^--| .*/g, '')))
  const fields = Object.keys(planInputSchema.shape)
    .filter((field) => field !== 'variants')
    .map((field) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  expect([...fields, 'config', 'resume'].sort()).toEqual([...options].sort())
})

test('the table of other commands names exactly their options and defaults', () => {
  const shown = tableAfter('The other commands:').map(([command, option, fallback]) => [
    command?.replace(/ [<[].*/, ''),
    option,
    ['none', 'off', 'beside the record', 'as for run'].includes(fallback ?? '') ? undefined : fallback,
  ])
  const commands: readonly (readonly [string, Command])[] = [
    ['report', reportCommand(context, exit)],
    ['compare', compareCommand(context, exit)],
    ['serve', serveCommand(context, exit)],
    ['tune pool', tunePoolCommand(context, exit)],
    ['tune token', tuneTokenCommand(context, exit)],
    ['calibrate', calibrateCommand(context, exit)],
    ['micro', microCommand(context, exit)],
    ['strategies', strategiesCommand(context)],
    ['doctor', doctorCommand(context, exit)],
  ]
  const real = commands.flatMap(([name, command]) =>
    command.options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, description, defaultValue }) => {
        // Commands that can be continued must tell a default from what was typed: theirs stand in words only.
        const inWords = command.options.some(({ long }) => long === '--resume')
        const said = inWords && name.startsWith('tune') ? /\(default: ([^)]+)\)$/.exec(description)?.[1] : defaultValue
        return [name, flags, typeof said === 'string' ? said : undefined]
      }),
  )
  expect(shown).toEqual(real)
})

test('the table of profiles says what they measure', () => {
  const shown = tableAfter('## Profiles').map(([name = '', variants, restarts, work]) => [
    name.replace(/ .*/, ''),
    variants,
    restarts,
    work,
  ])
  const real = profiles.map((profile) => {
    const work = [
      `${profile.rounds} rounds at saturation`,
      `${profile.fixedRate.rounds * profile.fixedRate.rates.length} at fixed rate`,
      ...(profile.unloaded.rounds === 0 ? [] : [`${profile.unloaded.rounds} unloaded`]),
    ]
    const variants = profile.variants.map((variant) => variant.replace('jwt:alg=', ''))
    return [profile.name, variants.join(', '), `${profile.restarts}`, work.join(', ')]
  })
  expect(shown).toEqual(real)
})

test('the config file of the README makes a plan', () => {
  const text = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const plan = makePlan(planInputSchema.parse(JSON.parse(text)))
  expect(plan.restarts).toBe(12)
  expect(plan.sets.flat().map(({ key }) => key)).toContain('jwt:alg=ES256')
})

test('run commands of the README name variants and options that exist', () => {
  const commands = [...readme.matchAll(/^npm run bench --(?: run)? (.*)$/gm)].map(([, line = '']) =>
    line.replace(/#.*/, '').trim().split(/\s+/),
  )
  const known = new Set(optionsOf(runCommand(context, exit)).map((flags) => flags.replace(/ .*/, '')))
  const runs = commands.filter(([first = '']) => /^(session|jwt|none|synthetic|--profile)/.test(first))
  expect(runs.length).toBeGreaterThan(2)
  for (const words of runs) {
    const at = words.findIndex((word) => word.startsWith('--'))
    const variants = at === -1 ? words : words.slice(0, at)
    expect(() => makePlan({ variants })).not.toThrow()
    expect(words.filter((word) => word.startsWith('--') && !known.has(word))).toEqual([])
  }
})

test('tune commands of the README make plans, with options that exist', () => {
  const lines = [...readme.matchAll(/^npm run bench -- tune (pool|token) ([^#\n]*)/gm)]
  expect(lines.length).toBeGreaterThan(1)
  for (const [, which, typed = ''] of lines) {
    const command = which === 'pool' ? tunePoolCommand(context, exit) : tuneTokenCommand(context, exit)
    command.action(() => {}).parse(typed.trim().split(/\s+/), { from: 'user' })
    const options = command.opts()
    expect(() => (which === 'pool' ? poolTuningPlan(options) : tokenTuningPlan(options, true))).not.toThrow()
  }
})

test.each(['README.md', 'docs/method.md', 'docs/results.md', 'docs/postgres.md', 'docs/architecture.md'])(
  'links of %s lead to files and headings that exist',
  (file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const links = [...text.matchAll(/(?<!!)\[[^\]]*\]\(([^)]+)\)/g)].map(([, target = '']) => target)
    const broken = links
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path = '', heading] = target.split('#')
        const place = path === '' ? join(root, file) : join(root, dirname(file), path)
        return !existsSync(place) || (heading !== undefined && !headingsOf(place).has(heading))
      })
    expect(broken).toEqual([])
  },
)

/** Anchors as GitHub makes them: lower case, punctuation dropped, spaces to hyphens. */
function headingsOf(path: string): Set<string> {
  const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)]
  return new Set(
    headings.map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}
