import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../environment/compiled-path.ts'

/** A database that nobody can reach: whoever tries before refusing says so, and ends with 1. */
const unreachable = ['--postgres', 'postgres://127.0.0.1:1/none']

test.each([
  [['none', '--host', '0.0.0.0'], /"none" believes whoever asks .* not on "0\.0\.0\.0"\. Use 127\.0\.0\.1/],
  [['session', '--host', '0.0.0.0', '--insecure-cookies'], /Insecure cookies are for loopback only/],
  [['session', '--port', '70000'], /--port 70000 is not possible/],
])('what may not be served is refused before anything starts: %j', (options, message) => {
  const main = join(packageRoot(import.meta.dirname), 'dist', 'main.js')
  const { status, stderr } = spawnSync(process.execPath, [main, 'serve', ...options, ...unreachable], {
    encoding: 'utf8',
  })
  expect(stderr).toMatch(message)
  expect(stderr).not.toContain('Postgres')
  expect(status).toBe(2)
})
