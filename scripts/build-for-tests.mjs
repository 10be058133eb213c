// Global setup of the integration tests: they start processes from dist/, so it must be that of the sources.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export function setup() {
  if (process.env.AUTHCOST_TEST_BUILD === 'skip') return
  const script = join(dirname(fileURLToPath(import.meta.url)), 'build.mjs')
  const { status, stderr } = spawnSync(process.execPath, [script, '--if-stale'], { encoding: 'utf8' })
  if (status === 0) return
  throw new Error(
    `dist/ could not be built, and integration tests run it. (AUTHCOST_TEST_BUILD=skip runs tests that need no dist/ while sources are unfinished.)\n${stderr}`,
  )
}
