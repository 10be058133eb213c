#!/usr/bin/env node
// Fails when a source file imports what it may not, or is named for nothing (scripts/layers.mjs).
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brokenRules } from './layers.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const sources = new Map()
for (const folder of ['bench', 'servers']) {
  for (const item of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
    if (!item.isFile() || !item.name.endsWith('.ts')) continue
    const path = join(item.parentPath, item.name)
    sources.set(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'))
  }
}

const broken = brokenRules(sources)
for (const sentence of broken) process.stderr.write(`${sentence}\n`)
if (broken.length > 0) {
  process.stderr.write(`layers: ${broken.length} broken rules in ${sources.size} files (docs/architecture.md)\n`)
  process.exitCode = 1
} else process.stdout.write(`layers: ${sources.size} files keep the rules\n`)
