// Our drivers against autocannon by itself and against wrk, on the same server, in turns.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { withControlServer } from './control-server.mjs'

const seconds = 1
const rounds = 4

const aloneScript = `
  import autocannon from 'autocannon'
  const before = process.cpuUsage()
  const result = await autocannon({ url: process.argv[1], headers: JSON.parse(process.argv[2]), connections: 10, duration: ${seconds}, sampleInt: 10 })
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ requests: result.requests.total, seconds: result.duration, cpuS: (user + system) / 1e6 }))
`

/** Runs a command to its end; CPU by the kernel's own account, read until it ends (10 ms ticks). */
async function run([command, ...args], cwd) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  let cpuS = 0
  const look = setInterval(() => {
    try {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      const ticks = Number(fields[11]) + Number(fields[12])
      if (ticks > 0) cpuS = ticks / 100
    } catch {
      // It has ended, or this is no Linux.
    }
  }, 20)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk
  })
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  clearInterval(look)
  if (code !== 0) throw new Error(`${command} ended with ${code}.`)
  return { output, cpuS }
}

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

export async function drivers(context) {
  const wrk = ['/usr/bin/wrk', '/usr/local/bin/wrk'].find(existsSync)
  return await withControlServer(context, async ({ server, driver, open, headers, onDriverCpu }) => {
    for (const kind of ['autocannon', 'raw']) await open(kind, kind)
    const url = `${server.url}/me`
    const headerArguments = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
    const ours = (target) => async () => {
      const options = { target, durationMs: seconds * 1000, minResponses: 0, maxDurationMs: seconds * 1000 }
      const { requests, durationMs, driverCpuUs } = await driver.closedLoop(options)
      return { requests, seconds: durationMs / 1000, cpuS: driverCpuUs / 1e6 }
    }
    const contenders = {
      'autocannon with our recording': ours('autocannon'),
      'autocannon alone': async () => {
        const command = [process.execPath, '--input-type=module', '-e', aloneScript, url, JSON.stringify(headers)]
        return JSON.parse((await run([...onDriverCpu, ...command], context.root)).output)
      },
      'plain sockets': ours('raw'),
      ...(wrk === undefined
        ? {}
        : {
            wrk: async () => {
              const command = [wrk, '-t1', '-c10', `-d${seconds}s`, ...headerArguments, url]
              const { output, cpuS } = await run([...onDriverCpu, ...command], context.root)
              const [, requests, took] = /(\d+) requests in ([\d.]+)s/.exec(output) ?? []
              return { requests: Number(requests), seconds: Number(took), cpuS }
            },
          }),
    }
    const measured = new Map(Object.keys(contenders).map((name) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      const names = Object.keys(contenders)
      // Another one begins each round.
      for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)])
        measured.get(name).push(await contenders[name]())
    }
    const perSecond = (name) => middle(measured.get(name).map(({ requests, seconds: took }) => requests / took))
    const perCpuSecond = (name) => middle(measured.get(name).map(({ requests, cpuS }) => requests / cpuS))
    const base = wrk === undefined ? 'autocannon alone' : 'wrk'
    const figure = (name) =>
      `${Math.round(perSecond(name)).toLocaleString('en-US')} requests/s (${(perSecond(name) / perSecond(base)).toFixed(2)} of ${base}), ${Math.round(perCpuSecond(name)).toLocaleString('en-US')} per CPU second of the driver`
    return {
      title: `Drivers on the control's server, one core each, 10 connections (middle of ${rounds} x ${seconds} s in turns)`,
      rows: [
        ...Object.keys(contenders).map((name) => [name, figure(name)]),
        ...(wrk === undefined ? [['wrk', 'absent: not installed']] : []),
        [
          'our recording against autocannon alone',
          `${(perSecond('autocannon with our recording') / perSecond('autocannon alone')).toFixed(2)} of its requests/s`,
        ],
        ['awake drivers', 'use all of their core whatever the load: compare requests/s'],
      ],
      objections:
        perSecond('autocannon with our recording') < 0.8 * perSecond('autocannon alone')
          ? ['autocannon is slower with our recording than alone.']
          : [],
    }
  })
}
