// How much of a run's wall clock is spent in measured slices.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const restarts = 3

export async function slices({ root, temporary }) {
  const out = join(temporary, 'reports')
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'dist/main.js'), 'run', '--restarts', String(restarts), '--postgres', 'embedded', '--out', out],
    { encoding: 'utf8' },
  )
  if (status !== 0 && status !== 3) throw new Error(`The run ended with ${status}: ${stderr.slice(-500)}`)
  const { run, slices: measured } = JSON.parse(readFileSync(join(out, 'latest', 'results.json'), 'utf8'))
  const inSlices = measured.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000
  const from = Math.min(...measured.map(({ startedAt }) => Date.parse(startedAt)))
  const to = Math.max(...measured.map(({ startedAt, durationMs }) => Date.parse(startedAt) + durationMs))
  // Between first slice and last: set-up happens once, however long a run is.
  const afterSetUp = inSlices / ((to - from) / 1000)
  const percent = (share) => `${(100 * share).toFixed(0)} %`
  return {
    title: `Wall clock spent in slices (standard with ${restarts} restarts)`,
    rows: [
      ['whole run, set-up included', percent(run.sliceShare)],
      ['from the first slice to the last', percent(afterSetUp)],
    ],
    objections: afterSetUp < 0.4 ? ['Less than 40 % of the time is spent measuring.'] : [],
  }
}
