#!/usr/bin/env node
// `npm run bench`: builds what is stale, then is the tool itself. Not two commands in the script of package.json, and there
// behind `exec`: npm passes signals on to what it started, and a shell in between would keep them to itself.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const build = fileURLToPath(new URL('build.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [build, '--if-stale'], { stdio: 'inherit' })
// Without a status it was ended by a signal: by Ctrl-C, most likely.
if (status !== 0) process.exit(status ?? 130)
await import('../dist/main.js')
