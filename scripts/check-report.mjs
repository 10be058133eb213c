#!/usr/bin/env node
// `check-report.mjs FOLDER`: whether a run's folder holds what it promises. results.json must be complete, have
// estimates (or say at its head that the machine was too busy for any), hold no slice in which servers or driver did
// something wrong, and validate against docs/results.schema.json, by a validator that is not the library that made the schema;
// index.html must be one file that asks for nothing else.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** A run takes as long as `--help` says, within this factor: shared machines are a third as fast at times. */
const mostOff = 4

/** Doubts that no busy machine explains. */
const ourFault = new Set(['errors', 'non-2xx', 'wrong-body', 'count-mismatch', 'backend-ended'])

function wrongResults(folder) {
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  addFormats.default(ajv)
  const validate = ajv.compile(JSON.parse(readFileSync(join(root, 'docs', 'results.schema.json'), 'utf8')))
  const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))
  if (!validate(results)) {
    return validate.errors.slice(0, 10).map((error) => `results.json${error.instancePath} ${error.message}`)
  }
  const wrong = []
  if (results.run.state !== 'complete') wrong.push(`results.json: the run is ${results.run.state}, not complete`)
  if (results.slices.length === 0) wrong.push('results.json: no slice was measured')
  if (results.estimates.length === 0 && !results.warnings.some(({ code }) => code === 'too-many-doubtful')) {
    wrong.push('results.json: nothing was estimated, and no warning says why')
  }
  for (const { variant, restart, round, doubts } of results.slices) {
    for (const { code, detail } of doubts.filter((doubt) => ourFault.has(doubt.code))) {
      wrong.push(`results.json: ${variant}, restart ${restart}, round ${round}: ${code}: ${detail}`)
    }
  }
  const { plan } = results
  const rounds = plan.loads.reduce((sum, { roundsPerRestart }) => sum + roundsPerRestart, 0)
  const measured = plan.variants.filter(({ state }) => state === 'measured').length
  const planned = plan.restarts * rounds * measured
  if (['quick', 'standard'].includes(plan.profile)) {
    // Rounds spoiled by disturbances are made up for, by half as many as were planned.
    const further = results.slices.filter((slice) => slice.further === true).length
    const mostFurther = plan.loads.reduce((sum, load) => sum + Math.ceil(load.roundsPerRestart / 2), 0)
    if (results.slices.length - further !== planned) {
      wrong.push(
        `results.json: the plan stands for ${planned} slices, ${results.slices.length - further} were measured`,
      )
    }
    if (further > plan.restarts * mostFurther * measured) {
      wrong.push(`results.json: ${further} slices of further rounds are more than half of those planned`)
    }
    const seconds = (Date.parse(results.run.finishedAt) - Date.parse(results.run.startedAt)) / 1000
    const ratio = seconds / plan.predictedSeconds
    if (ratio < 1 / mostOff || ratio > mostOff) {
      wrong.push(
        `results.json: the run took ${Math.round(seconds)} s, ${Math.round(plan.predictedSeconds)} were announced`,
      )
    }
  }
  for (const check of results.checks.gate.filter((check) => !check.passed)) {
    wrong.push(`results.json: ${check.variant} failed the gate at "${check.attack}" (${check.status})`)
  }
  return wrong
}

function wrongPage(folder) {
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  const wrong = []
  if (!page.includes('</html>')) wrong.push('index.html: is cut off')
  if (!/http-equiv="?content-security-policy/i.test(page)) wrong.push('index.html: has no Content-Security-Policy')
  const fetched = /<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)\s*=\s*["']?(?!data:|#)[^"'>\s]+/i.exec(page)
  if (fetched !== null) wrong.push(`index.html: fetches ${fetched[0].slice(0, 120)}`)
  return wrong
}

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('Usage: node scripts/check-report.mjs reports/latest\n')
  process.exit(2)
}
const wrong = [wrongResults, wrongPage].flatMap((check) => {
  try {
    return check(folder)
  } catch (error) {
    return [error.message]
  }
})
for (const sentence of wrong) process.stderr.write(`${sentence}\n`)
process.exitCode = wrong.length === 0 ? 0 : 1
