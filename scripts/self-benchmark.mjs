#!/usr/bin/env node
// How fast and how frugal the harness itself is, as ratios taken in one run: absolute times are those of a machine,
// ratios are comparable. `npm run bench:self` takes all sections, `npm run bench:self -- recorder seed` some of them;
// `--full` adds what takes minutes (10 million sessions, 20 million real responses).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drivers } from './self-benchmark/drivers.mjs'
import { memory } from './self-benchmark/memory.mjs'
import { recorder } from './self-benchmark/recorder.mjs'
import { report } from './self-benchmark/report.mjs'
import { seed } from './self-benchmark/seed.mjs'
import { slices } from './self-benchmark/slices.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Each answers rows of [what, figure], and sentences on what speaks against it. */
const sections = { recorder, memory, report, drivers, seed, slices }

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const unknown = [...names.filter((name) => !(name in sections)), ...options.filter((option) => option !== '--full')]

if (unknown.length > 0) {
  process.stderr.write(
    `Unknown: ${unknown.join(' ')}. Sections: ${Object.keys(sections).join(', ')}. Option: --full.\n`,
  )
  process.exit(2)
}

const temporary = mkdtempSync(join(tmpdir(), 'authcost-self-'))
const context = {
  root,
  temporary,
  full: options.includes('--full'),
  /** A module of the build. */
  built: (path) => import(join(root, 'dist', path)),
}
let failed = false
try {
  for (const [name, section] of Object.entries(sections)) {
    if (names.length > 0 && !names.includes(name)) continue
    const { title, rows, objections } = await section(context)
    const width = Math.max(...rows.map(([what]) => what.length))
    process.stdout.write(`${title}\n`)
    for (const [what, figure] of rows) process.stdout.write(`  ${what.padEnd(width)}  ${figure}\n`)
    for (const objection of objections) process.stdout.write(`  ! ${objection}\n`)
    process.stdout.write('\n')
    failed ||= objections.length > 0
  }
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
