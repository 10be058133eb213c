// The driver's memory must not grow with the number of responses.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withControlServer } from './control-server.mjs'

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** Responses counted in a window of a process of its own, without a network: 20 million in seconds. */
const windowScript = `
  import { Window, nowNs } from '${'WINDOW'}'
  const window = new Window()
  const count = (responses) => {
    window.open()
    for (let i = 0; i < responses; i++) {
      window.requests++
      window.latency(20_000 + ((i * 7919) % 20_000_000))
    }
    window.close(nowNs(), 0.5, undefined)
    globalThis.gc()
    globalThis.gc()
    return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  }
  count(100_000)
  console.log(JSON.stringify([count(1_000_000), count(20_000_000)]))
`

function ofWindow(root) {
  const script = windowScript.replace('WINDOW', join(root, 'dist', 'bench', 'load', 'window.js'))
  const { stdout, status, stderr } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

function rssBytes(pid) {
  const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kibibytes) * 1024
}

export async function memory(context) {
  const [one, twenty] = ofWindow(context.root)
  const rows = [
    ['window after 1 million responses', mebibytes(one)],
    ['window after 20 million responses', `${mebibytes(twenty)}, ${(twenty / one).toFixed(2)} of it`],
  ]
  const objections = twenty > 1.05 * one ? ['The window grows with the number of responses.'] : []
  if (!existsSync('/proc/self/status')) return { title, rows: [...rows, ['driver', 'absent: no /proc']], objections }
  // Twenty times as many, as in the window; a real server gives some 60,000 a second.
  const first = context.full ? 1_000_000 : 50_000
  const [before, after] = await withControlServer(context, async ({ driver, open }) => {
    await open('flat', 'raw')
    let responses = 0
    const upTo = async (enough) => {
      while (responses < enough) {
        const options = { target: 'flat', durationMs: 1000, minResponses: 0, maxDurationMs: 1000 }
        responses += (await driver.closedLoop(options)).requests
      }
      return [responses, rssBytes(driver.child.pid)]
    }
    return [await upTo(first), await upTo(20 * first)]
  })
  const figure = ([responses, rss]) => [
    `driver after ${responses.toLocaleString('en-US')} real responses`,
    `${mebibytes(rss)} resident`,
  ]
  rows.push(figure(before), figure(after), ['growth', (after[1] / before[1]).toFixed(2)])
  // The collector decides when to give memory back: only a growth that no collector explains counts.
  if (after[1] > 1.5 * before[1]) objections.push('The driver grows with the number of responses.')
  return { title, rows, objections }
}

const title = 'Memory of the driver'
