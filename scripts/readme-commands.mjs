#!/usr/bin/env node
// Prints the commands of README.md that CI runs, one a line: those in ```sh blocks below a `<!-- run by CI -->` line.
// A block without the marker is for reading only (it would take minutes, or wait for a browser).
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { markedCommands } from './marked-commands.mjs'

const readme = join(dirname(fileURLToPath(import.meta.url)), '..', 'README.md')
for (const command of markedCommands(readFileSync(readme, 'utf8'))) process.stdout.write(`${command}\n`)
