/** Lists at the end why tests were skipped: a note given to `context.skip(note)`, or that none was given. */
export default class SkipReporter {
  onTestRunEnd(modules) {
    const counts = new Map()
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const reason = test.result().note ?? 'no note given'
        counts.set(reason, (counts.get(reason) ?? 0) + 1)
      }
    }
    for (const [reason, count] of counts) process.stdout.write(`skipped ${count}: ${reason}\n`)
  }
}
