#!/usr/bin/env node
// Writes docs/results.schema.json, the JSON Schema of results.json, from the zod schema that writes and reads it.
// `--check` writes nothing and fails where the file in the tree is not what the sources say. Runs on dist/.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const compiled = join(root, 'dist', 'bench', 'record', 'run.js')
const schemaFile = join(root, 'docs', 'results.schema.json')

if (!existsSync(compiled)) {
  process.stderr.write('dist/ is missing. Run `npm run build` first.\n')
  process.exit(1)
}

const { resultsSchema, schemaVersion } = await import(compiled)
const { $schema, ...body } = z.toJSONSchema(resultsSchema, { target: 'draft-2020-12' })
const schema = {
  $schema,
  title: `authcost results.json, schema version ${schemaVersion}`,
  description: 'One run of authcost: the raw record of every slice, and the estimates made of it. See docs/results.md.',
  ...body,
}
const text = `${JSON.stringify(schema, undefined, 2)}\n`

if (!process.argv.includes('--check')) writeFileSync(schemaFile, text)
else if (!existsSync(schemaFile) || readFileSync(schemaFile, 'utf8') !== text) {
  process.stderr.write('docs/results.schema.json is not what bench/record/ says. Run `npm run schema` and commit it.\n')
  process.exitCode = 1
}
