import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { usageError } from '../../servers/contract/errors.ts'
import { type BurstySlice, burstySliceSchema } from '../record/bursty.ts'
import { type LifecycleBatch, lifecycleBatchSchema } from '../record/lifecycle.ts'
import { type Results, resultsSchema, schemaVersion, warmUpSchema } from '../record/run.ts'
import { sliceSchema } from '../record/slice.ts'
import { type AnalysedRecord, type Analysis, assemble } from './recording.ts'

type Analyse = (results: AnalysedRecord) => Analysis

/** Warnings of the run itself stand in the head; those of the analysis are made again. */
const headSchema = resultsSchema.omit({
  slices: true,
  warmUps: true,
  coreSpeed: true,
  estimates: true,
  absent: true,
  noiseBands: true,
  tuning: true,
  lifecycle: true,
  bursty: true,
})
const lineSchema = z.union([
  z.object({ head: headSchema }),
  z.object({ warmUp: warmUpSchema }),
  z.object({ slice: sliceSchema }),
  z.object({ call: lifecycleBatchSchema }),
  z.object({ bursty: burstySliceSchema }),
])

/**
 * Reads results: a results.json, a slices.ndjson, or a run's folder: its results.json; rebuilt from slices.ndjson where
 * there is none yet, or where the run was killed after it had written one (that is of the last whole restart).
 *
 * @throws {AuthcostError} a usage error that says what is wrong with the file.
 */
export function readResults(path: string, analyse: Analyse): Results {
  const file = fileOf(path)
  if (file.endsWith('.ndjson')) return rebuild(file, analyse)
  const results = readJson(file)
  const lines = join(path, 'slices.ndjson')
  return file !== path && results.run.state === 'running' && existsSync(lines) ? rebuild(lines, analyse) : results
}

function fileOf(path: string): string {
  if (!existsSync(path)) throw usageError('usage.results', `There is no ${path}.`)
  if (!statSync(path).isDirectory()) return path
  const found = ['results.json', 'slices.ndjson'].map((name) => join(path, name)).find(existsSync)
  if (found === undefined) throw usageError('usage.results', `${path} holds neither results.json nor slices.ndjson.`)
  return found
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw usageError('usage.results', `Cannot read ${path}: ${cause instanceof Error ? cause.message : cause}.`, cause)
  }
}

function readJson(path: string): Results {
  const value = parseJson(readText(path), path)
  const version = z.object({ schemaVersion: z.number() }).safeParse(value)
  if (version.success && version.data.schemaVersion !== schemaVersion) {
    throw usageError(
      'usage.results',
      `${path} has schema version ${version.data.schemaVersion}; this authcost reads ${schemaVersion}. Use the authcost that wrote it.`,
    )
  }
  const result = resultsSchema.safeParse(value)
  if (!result.success) {
    const issue = result.error.issues[0]
    throw usageError(
      'usage.results',
      `${path} is no results file of authcost: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}.`,
      result.error,
    )
  }
  return result.data
}

function rebuild(path: string, analyse: Analyse): Results {
  const lines = readText(path)
    .split('\n')
    .filter((line) => line !== '')
  const slices: Results['slices'] = []
  const warmUps: Results['warmUps'] = []
  const calls: LifecycleBatch[] = []
  const bursty: BurstySlice[] = []
  let head: z.infer<typeof headSchema> | undefined
  lines.forEach((line, index) => {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (cause) {
      // The line that was being written when the run died.
      if (index === lines.length - 1) return
      throw usageError('usage.results', `Line ${index + 1} of ${path} is not JSON.`, cause)
    }
    const parsed = lineSchema.safeParse(value)
    if (!parsed.success)
      throw usageError('usage.results', `Line ${index + 1} of ${path} is no record of authcost.`, parsed.error)
    if ('head' in parsed.data) head = parsed.data.head
    else if ('slice' in parsed.data) slices.push(parsed.data.slice)
    else if ('call' in parsed.data) calls.push(parsed.data.call)
    else if ('bursty' in parsed.data) bursty.push(parsed.data.bursty)
    else warmUps.push(parsed.data.warmUp)
  })
  if (head === undefined) {
    const why =
      lines.length === 0
        ? 'is empty: the run ended before anything was measured. Start a new one.'
        : 'does not say what was measured: its first line is missing.'
    throw usageError('usage.results', `${path} ${why}`)
  }
  const run = head.run.state === 'running' ? { ...head.run, state: 'interrupted' as const } : head.run
  return assemble({ ...head, run }, slices, warmUps, analyse, calls, bursty)
}

/** What was measured stands in the lines as well, whatever has happened to the file made of them. */
function otherRecord(path: string): string {
  const lines = join(dirname(path), 'slices.ndjson')
  return existsSync(lines) ? ` What was measured may still be whole in ${lines}: name that file instead.` : ''
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw usageError(
      'usage.results',
      `${path} is not JSON: ${cause instanceof Error ? cause.message : cause}.${otherRecord(path)}`,
      cause,
    )
  }
}
