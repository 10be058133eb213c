// The recorder of durations against the histogram that Node brings along.
import { createHistogram } from 'node:perf_hooks'

const records = 5_000_000
const rounds = 5

/** Nanoseconds per record; the best of some rounds, because everything else only adds. */
function time(record) {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    // Spread over three decades, as latencies are.
    for (let i = 0; i < records; i++) record(20_000 + ((i * 7919) % 20_000_000))
    best = Math.min(best, Number(process.hrtime.bigint() - start) / records)
  }
  return best
}

export async function recorder({ built }) {
  const { DurationRecorder } = await built('servers/contract/duration-recorder.js')
  const nothing = time(() => {})
  const [server, driver] = [6, 10].map((bits) => {
    const own = new DurationRecorder(bits)
    return time((value) => own.record(value)) - nothing
  })
  const histogram = createHistogram()
  const theirs = time((value) => histogram.record(value)) - nothing
  return {
    title: 'Recording one duration (loop without recording subtracted)',
    rows: [
      [
        'recorder of the servers (6 bits)',
        `${server.toFixed(1)} ns, ${(server / theirs).toFixed(2)} of createHistogram`,
      ],
      [
        'recorder of the drivers (10 bits)',
        `${driver.toFixed(1)} ns, ${(driver / theirs).toFixed(2)} of createHistogram`,
      ],
      ['perf_hooks createHistogram', `${theirs.toFixed(1)} ns`],
    ],
    objections: server > theirs ? ['The recorder is slower than the histogram that Node brings along.'] : [],
  }
}
