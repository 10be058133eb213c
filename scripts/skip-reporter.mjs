// Lists why tests were skipped, and makes a skip a failure where the machine was said to have what it needs:
// `context.skip('needs docker: no engine answers')` fails under AUTHCOST_REQUIRE=docker,chromium.

const required = new Set((process.env.AUTHCOST_REQUIRE ?? '').split(',').filter((name) => name !== ''))

export default class SkipReporter {
  onTestRunEnd(modules) {
    const reasons = new Map()
    let refused = 0
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const reason = test.result().note ?? 'no reason given'
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
        const need = /^needs ([a-z]+)/.exec(reason)?.[1]
        if (need !== undefined && required.has(need)) refused++
      }
    }
    for (const [reason, count] of reasons) process.stdout.write(`skipped ${count}: ${reason}\n`)
    if (refused > 0) {
      process.stdout.write(`${refused} tests were skipped for want of something AUTHCOST_REQUIRE says is here\n`)
      process.exitCode = 1
    }
  }
}
