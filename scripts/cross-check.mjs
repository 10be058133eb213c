#!/usr/bin/env node
// Holds authcost's own figures against independent tools, in one run on one machine: throughput of the control against
// wrk, and the database's CPU per session look-up against pgbench, at saturation and at a fixed rate. A tool of the
// project's developers: needs wrk and pgbench on the PATH, Linux, and a built dist/.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A module of dist/, which no compiler checks here: a name that it does not export is an error, not undefined. */
const built = async (path) => {
  const module = await import(new URL(`../dist/${path}`, import.meta.url).href)
  const get = (_, name) => {
    // Asked for by await.
    if (name === 'then') return undefined
    if (!(name in module)) throw new Error(`dist/${path} exports no ${name}: this script has to follow.`)
    return module[name]
  }
  return new Proxy({}, { get })
}
const dist = (path) => built(`bench/${path}`)
const { makePlan, plannedVariants } = await dist('plan/plan.js')
const { serversOf } = await dist('plan/order.js')
const { prepareEnvironment } = await dist('pipeline/measuring-environment.js')
const { createSecrets } = await dist('pipeline/admission.js')
const { startSet } = await dist('pipeline/server-set.js')
const { issueForRun, startServer } = await dist('pipeline/started-server.js')
const { LoadDriver } = await dist('load/load-driver.js')
const { measureSlice } = await dist('measure/slice.js')
const { warmUp } = await dist('measure/warm-up.js')
const { identityBody, seededIdentity } = await built('servers/contract/identity.js')

const rounds = Number(process.argv[2] ?? 5)
const seconds = 2
const rate = 2000
const signal = new AbortController().signal
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve(output) : reject(new Error(`${command}: ${output}`))))
  })

for (const tool of ['wrk', 'pgbench']) {
  if (spawnSync(tool, ['--version']).error !== undefined) {
    console.error(`${tool} is not on the PATH: install it (Debian packages wrk and postgresql-client).`)
    process.exit(1)
  }
}

const plan = makePlan({ variants: ['session'], postgres: 'embedded', seed: 1, profile: 'quick' })
const progress = { phase() {}, notice: (text) => console.error(text), slice() {} }
const environment = await prepareEnvironment({
  plan,
  runId: `cross-check-${process.pid}`,
  progress,
  signal,
  onDatabaseLost: (error) => {
    throw error
  },
  onProxyLost: (error) => {
    throw error
  },
})
const folder = mkdtempSync(join(tmpdir(), 'authcost-cross-check-'))
const driver = await LoadDriver.start()
let started
try {
  await driver.setPopulation({
    expectedBodies: Array.from({ length: plan.users }, (_, index) => identityBody(seededIdentity(index + 1))),
    zipfExponent: plan.zipf,
    seed: plan.seed,
  })
  const surroundings = {
    plan,
    databaseUrl: environment.postgres.url,
    databaseSchema: environment.postgres.schema,
    secrets: await createSecrets(plan, environment.sessionSecret),
    pin: environment.pinServer,
  }
  const variants = plannedVariants(plan)
  for (const planned of variants) {
    const { server } = await startServer(planned, surroundings, [])
    const headers = await issueForRun(server, plan.users)
    await driver.setCredentials({ variant: planned.variant.id, requestHeaders: headers })
    await server.stop()
  }
  await environment.pinDriver(driver.child.pid)
  started = await startSet({
    servers: serversOf(plan, 0, 0),
    surroundings,
    driver,
    group: 'default',
    walk: '0',
    countBackends: async () => undefined,
    onDeath: (error) => {
      throw error
    },
  })
  await warmUp(started, signal)
  const server = (key) => started.servers.find((one) => one.key === key)
  const slice = (key, load, sliceMs) =>
    measureSlice(
      {
        place: { set: 0, restart: 0, round: 0, position: 0, variant: key, role: 'candidate', group: 'default' },
        load,
        sliceMs,
        seed: 1,
      },
      server(key),
      started.load,
      environment.probes,
    )
  /** In whose place a tool runs. */
  const pinnedLike = (role, command, args) =>
    'absent' in environment.cpus ? [command, args] : ['taskset', ['-c', environment.cpus[role], command, ...args]]

  // Throughput: the same server, the same cores, in turns.
  const url = started.load.urlOf('none')
  const throughput = []
  for (let round = 0; round < rounds; round++) {
    const own = await slice('none', { mode: 'saturation', connections: plan.connections }, seconds * 1000)
    const [command, args] = pinnedLike('driver', 'wrk', [
      '-t1',
      `-c${plan.connections}`,
      `-d${seconds}`,
      '-H',
      'x-authcost-user: 1.user-1.member',
      `${url}/me`,
    ])
    const wrk = Number(/Requests\/sec:\s+([\d.]+)/.exec(await run(command, args))?.[1])
    const ours = own.requests / (own.durationMs / 1000)
    throughput.push(ours / wrk)
    console.log(
      `control: ${Math.round(ours)} requests/s by authcost, ${Math.round(wrk)} by wrk, ratio ${(ours / wrk).toFixed(3)} ${own.doubts.map(({ code }) => code).join(' ')}`,
    )
  }
  console.log(`control throughput, authcost / wrk: median ${median(throughput).toFixed(3)} of ${rounds}\n`)

  // The same statement over the same rows, each of ten sessions in a script of its own (each client prepares each).
  const statement = readStatement(environment)
  const scripts = Array.from({ length: 10 }, (_, index) => {
    const path = join(folder, `${index}.sql`)
    writeFileSync(path, statement(index + 1))
    return path
  })
  const ticks = () => {
    const stat = readFileSync(`/proc/${environment.postgres.postmasterPid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(fields[13]) + Number(fields[14])
  }
  const pgbenchOnce = async ({ clients, extra, role }, duration) => {
    const before = ticks()
    const [command, args] = pinnedLike(role, 'pgbench', [
      ...['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(duration), ...extra],
      ...scripts.flatMap((path) => ['-f', path]),
      environment.postgres.url,
    ])
    const output = await run(command, args, {
      env: { ...process.env, PGOPTIONS: `-c search_path=${environment.postgres.schema}` },
    })
    const transactions = Number(/transactions actually processed: (\d+)/.exec(output)?.[1])
    // Backends are reaped a moment after their client has gone.
    await new Promise((resolve) => setTimeout(resolve, 300))
    return { ticks: ticks() - before, transactions }
  }
  /** A long run minus a short one: what connecting, preparing and ending cost stands in both. */
  const pgbench = async (how) => {
    const short = await pgbenchOnce(how, seconds)
    const long = await pgbenchOnce(how, 3 * seconds)
    return ((long.ticks - short.ticks) * 10_000) / (long.transactions - short.transactions)
  }
  const saturation = { mode: 'saturation', connections: plan.connections }
  const atRate = { mode: 'fixed-rate', connections: 64, requestsPerSecond: rate, arrivals: 'poisson' }
  // The pool hands out the connection used last, so at the fixed rate two of its ten do nearly all the work.
  const few = { clients: 2, extra: ['-R', String(rate)] }
  const all = { clients: plan.poolSize, extra: [] }
  // All out, pgbench asks several times as often as a server can, and backends that always have a query waiting need no
  // waking up. At the server's rate each query is as far from the next as behind the server: that is like for like.
  const comparisons = [
    ["saturation, pgbench all out on the driver's core", saturation, { ...all, role: 'driver' }],
    ["saturation, pgbench all out on the servers' core", saturation, { ...all, role: 'servers' }],
    ["saturation, pgbench at the same rate on the driver's core", saturation, { ...all, role: 'driver', alike: true }],
    ["saturation, pgbench at the same rate on the servers' core", saturation, { ...all, role: 'servers', alike: true }],
    [`${rate} requests/s, pgbench on the driver's core`, atRate, { ...few, role: 'driver' }],
  ]
  for (const [name, load, how] of comparisons) {
    const ratios = []
    for (let round = 0; round < rounds; round++) {
      const own = await slice('session', load, seconds * 1000)
      const ours = own.database.cpuUs / own.requests
      const perSecond = Math.round(own.requests / (own.durationMs / 1000))
      const theirs = await pgbench(how.alike ? { ...how, extra: ['-R', String(perSecond)] } : how)
      ratios.push(ours / theirs)
      console.log(
        `${name}: database CPU ${ours.toFixed(1)} us by authcost, ${theirs.toFixed(1)} us by pgbench, ratio ${(ours / theirs).toFixed(3)} ${own.doubts.map(({ code }) => code).join(' ')}`,
      )
    }
    console.log(`${name}, authcost / pgbench: median ${median(ratios).toFixed(3)} of ${rounds}\n`)
  }
} finally {
  await started?.[Symbol.asyncDispose]()
  await driver[Symbol.asyncDispose]()
  await environment[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)

/** The session strategy's look-up with the id of seeded session n in place of its parameter (pgbench prepares it). */
function readStatement({ sessionSecret }) {
  return (number) => {
    const id = createHash('sha256').update(`${sessionSecret}:${number}`).digest('base64url')
    const hash = createHash('sha256').update(id).digest('hex')
    return `\\set one 1
SELECT u.user_id AS "userId", u.username, u.role FROM session_auth s JOIN users u ON u.user_id = s.user_id
WHERE s.id_hash = '\\x${hash}'::bytea AND s.expires_at > now() AND :one = 1;
`
  }
}
