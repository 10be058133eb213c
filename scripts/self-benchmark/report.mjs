// From the record of a long run to the drawn report.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const slicesWanted = 10_000

export async function report({ root, built }) {
  const { build } = await import('esbuild')
  const { estimate } = await built('bench/estimates/estimate.js')
  const { readResults } = await built('bench/results/read-results.js')
  const { writeReport } = await built('bench/report/write-report.js')
  // Within the checkout, so that the bundle finds its packages; the build leaves fixtures out.
  const folder = join(root, `self-benchmark-${process.pid}.tmp`)
  mkdirSync(folder)
  try {
    const outfile = join(folder, 'fixture.mjs')
    await build({
      entryPoints: [join(root, 'bench/estimates/slice.fixture.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile,
      logLevel: 'silent',
    })
    const { exampleResults } = await import(outfile)
    const perRestart = exampleResults({ restarts: 1, estimated: false }).slices.length
    const results = exampleResults({ restarts: Math.ceil(slicesWanted / perRestart), estimated: false })
    const path = join(folder, 'results.json')
    writeFileSync(path, JSON.stringify(results))
    const at = [performance.now()]
    const record = readResults(path, estimate)
    at.push(performance.now())
    const drawn = { ...record, ...estimate(record) }
    at.push(performance.now())
    await writeReport(drawn, (name, text) => writeFileSync(join(folder, name), text))
    at.push(performance.now())
    const seconds = (from, to) => (at[to] - at[from]) / 1000
    return {
      title: `From a record of ${results.slices.length.toLocaleString('en-US')} slices to a report`,
      rows: [
        ['read and check', `${seconds(0, 1).toFixed(1)} s`],
        ['estimate', `${seconds(1, 2).toFixed(1)} s, ${drawn.estimates.length.toLocaleString('en-US')} estimates`],
        ['draw and write', `${seconds(2, 3).toFixed(1)} s`],
        ['in all', `${seconds(0, 3).toFixed(1)} s`],
      ],
      objections: seconds(0, 3) > 15 ? ['A report takes longer than a quarter of a minute.'] : [],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
