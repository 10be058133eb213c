import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { lapsingCookie, type ResolvedVariant, type Secrets } from '../../servers/contract/strategy.ts'
import type { RequestHeaders } from '../gate/credential.ts'
import type { NotTried } from '../gate/gate-target.ts'
import { runGate, unguardedAttacks } from '../gate/run-gate.ts'
import { secretsOf } from '../launch/strategy-file.ts'
import type { LoadDriver } from '../load/load-driver.ts'
import { lapsingUsers, periodicLoad, periodicMeasurement, renewals } from '../plan/periodic.ts'
import { mostServersAtOnce, type Plan, plannedVariants } from '../plan/plan.ts'
import { checkedVariants, type PlannedVariant } from '../plan/planned-variant.ts'
import type { Results, RevocationLag, VariantRecord } from '../record/run.ts'
import type { Absent } from '../record/slice.ts'
import { bytesOf, type VariantBytes } from './bytes.ts'
import { lapsedHeaders } from './lapsed-headers.ts'
import { revocationLagsOf } from './revocation.ts'
import { issueForRun, needsPool, type ServerSurroundings, type StartedServer, startServer } from './started-server.ts'
import { credentialsKey } from './table-sizes.ts'

/** Requests sent, untimed, to count what a request asks of the database; so many at once. */
const requestsToCount = 100
const countedAtOnce = 10

/** What the gate found of one variant, and why it is left out if it is. */
export interface Admission {
  readonly planned: PlannedVariant
  readonly checks: Results['checks']['gate']
  /** Attacks that apply and could not be made. Absent: none, or none was made at all. */
  readonly notTried?: readonly NotTried[]
  readonly queryCount: Results['checks']['queryCounts'][number] | undefined
  readonly credentialBytes: number | undefined
  /** Absent where there is nothing to revoke, and where the variant is left out. */
  readonly revocation?: readonly RevocationLag[]
  /** Absent where the variant is left out. */
  readonly bytes?: VariantBytes
  readonly state: VariantRecord['state']
}

export interface AdmissionOptions {
  readonly plan: Plan
  readonly surroundings: ServerSurroundings
  readonly driver: LoadDriver
  readonly signal: AbortSignal
  /** Counts statements by pg_stat_statements while `work` runs. */
  countStatements(work: () => Promise<void>): Promise<number | Absent>
  onGate(variants: number): void
  /** What a request of it asks of the database is counted. */
  onCount(key: string): void
}

/** What the gate left out, as the record has it: nothing where it left out nothing. */
export function unguardedOf(admissions: readonly Admission[]): Pick<Results['checks'], 'unguarded'> {
  const unguarded = admissions.flatMap(({ planned, checks }) => {
    // Where no attack was made, because the server did not start, none was left out.
    const attacks = checks.length === 0 ? [] : unguardedAttacks(planned.variant.traits)
    return attacks.length === 0 ? [] : [{ variant: planned.key, attacks }]
  })
  return unguarded.length === 0 ? {} : { unguarded }
}

/** Fresh key material for every variant; sessions share the secret their rows were seeded with. */
export async function createSecrets(plan: Plan, sessionSecret: string): Promise<Map<string, Secrets>> {
  const secrets = new Map<string, Secrets>()
  for (const { variant } of plannedVariants(plan)) {
    if (!secrets.has(variant.id)) {
      secrets.set(variant.id, { ...(await secretsOf(variant)), sessionSecret })
    }
  }
  return secrets
}

/**
 * Before anything is timed, each variant's server must pass the gate; its credentials are made and handed to the
 * driver, the queries of a request are counted, and the lag of a revocation is measured. A variant that fails is not measured, and the results say so.
 */
export async function admitVariants(options: AdmissionOptions): Promise<Admission[]> {
  const admissions: Admission[] = []
  const planned = checkedVariants(plannedVariants(options.plan))
  for (let from = 0; from < planned.length; from += mostServersAtOnce) {
    admissions.push(...(await admitGroup(planned.slice(from, from + mostServersAtOnce), options)))
  }
  return admissions
}

async function admitGroup(planned: readonly PlannedVariant[], options: AdmissionOptions): Promise<Admission[]> {
  const { signal } = options
  const starting = planned.map((variant) => {
    const started = startServer(variant, options.surroundings, [])
    started.catch(() => undefined)
    return { variant, started }
  })
  try {
    signal.throwIfAborted()
    options.onGate(planned.length)
    const gated = await Promise.all(starting.map(({ variant, started }) => passGate(variant, started, options)))
    const admissions: Admission[] = []
    // One by one, because statements are counted server-wide.
    for (const one of gated) {
      signal.throwIfAborted()
      admissions.push('running' in one ? await admit(one, options) : one)
    }
    return admissions
  } finally {
    await Promise.allSettled(starting.map(async ({ started }) => (await started).stop()))
  }
}

/** A variant that has passed the gate: its running server, and the credentials that it issued. */
interface Passed {
  readonly planned: PlannedVariant
  readonly checks: Admission['checks']
  readonly notTried: readonly NotTried[]
  readonly revocation: readonly RevocationLag[]
  readonly running: StartedServer
  readonly headers: readonly RequestHeaders[]
}

const leaveOut = (planned: PlannedVariant, checks: Admission['checks'], leftOut: string): Admission => ({
  planned,
  checks,
  queryCount: undefined,
  credentialBytes: undefined,
  state: { leftOut },
})

/** @returns the reason where it fails. The control must not, or nothing can be compared with it. */
async function orReason<T extends object>(
  { role }: PlannedVariant,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | string> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    if (role !== 'candidate') throw error
    return error instanceof Error ? error.message : String(error)
  }
}

async function passGate(
  planned: PlannedVariant,
  started: ReturnType<typeof startServer>,
  options: AdmissionOptions,
): Promise<Passed | Admission> {
  const { plan, surroundings, signal } = options
  const passed = await orReason(planned, signal, async (): Promise<Passed> => {
    const running = await started
    await running.warm({ pool: needsPool(planned) })
    const { server } = running
    const headers = issueForRun(server, plan.users)
    const secrets = surroundings.secrets.get(planned.variant.id)
    const notTried: NotTried[] = []
    const gate = runGate({
      url: server.url,
      variant: planned.variant,
      recordedAs: planned.key,
      issue: (request) => server.issue(request),
      expectedBody: (userId) => identityBody(seededIdentity(userId)),
      onNotTried: (attack) => notTried.push(attack),
      ...(secrets === undefined ? {} : { secrets }),
    })
    // Side by side: a lag is waiting, mostly. Whichever fails, the others are not left at servers that stop.
    const lags = revocationLagsOf(planned, running, options)
    await Promise.allSettled([headers, gate, lags])
    return { planned, checks: await gate, notTried, revocation: await lags, running, headers: await headers }
  })
  if (typeof passed === 'string') return leaveOut(planned, [], passed)
  const failed = passed.checks.filter((check) => !check.passed)
  if (failed.length === 0) return passed
  const list = failed.map(({ attack, status }) => `${attack} (answered ${status})`).join(', ')
  return leaveOut(planned, passed.checks, `the gate refused it: ${list}`)
}

/** Counts the queries of a variant's requests, and hands its credentials to the driver. */
async function admit(
  { planned, checks, notTried, revocation, running, headers }: Passed,
  options: AdmissionOptions,
): Promise<Admission> {
  options.onCount(planned.key)
  const admission = await orReason(planned, options.signal, async (): Promise<Admission> => {
    const { server } = running
    const queryCount = await countQueries(planned, running, headers, options)
    await options.driver.setCredentials({ variant: planned.variant.id, requestHeaders: [...headers] })
    await giveRenewals(planned, server, headers, options)
    await setFurtherCredentials(planned.variant, options)
    const bytes = await bytesOf(planned, server, headers)
    return {
      planned,
      checks,
      ...(notTried.length === 0 ? {} : { notTried }),
      queryCount,
      credentialBytes: meanBytes(headers),
      ...(revocation.length === 0 ? {} : { revocation }),
      bytes,
      state: 'measured',
    }
  })
  return typeof admission === 'string' ? leaveOut(planned, checks, admission) : admission
}

/** What clients send whose credential, or a cookie beside it, runs out while they are measured. */
async function giveRenewals(
  planned: PlannedVariant,
  server: StartedServer['server'],
  headers: readonly RequestHeaders[],
  { plan, driver }: AdmissionOptions,
): Promise<void> {
  const measurement = periodicMeasurement(planned)
  if (measurement === undefined || periodicLoad(plan) === undefined) return
  const variant = planned.variant.id
  const cookie = lapsingCookie(planned.variant.traits)
  if (cookie !== undefined) {
    const held = headers.slice(0, lapsingUsers(plan))
    await driver.setRenewals({ variant, generations: [held], lapsed: lapsedHeaders(held, cookie) })
  } else if (measurement.way === 'new-credentials') {
    const { users, generations } = renewals(plan, measurement)
    const all: RequestHeaders[][] = []
    for (let generation = 0; generation < generations; generation++) {
      all.push([...(await issueForRun(server, users))])
    }
    await driver.setRenewals({ variant, generations: all })
  }
}

/** Credentials for the tables of other sizes: which of a user's sessions is sent depends on how many there are. */
async function setFurtherCredentials(variant: ResolvedVariant, options: AdmissionOptions): Promise<void> {
  const { plan, surroundings, driver } = options
  const sizes = new Set(
    plannedVariants(plan).flatMap((one) => (one.variant.id === variant.id ? (one.deployment?.sessions ?? []) : [])),
  )
  for (const sessions of sizes) {
    if (sessions === plan.sessions) continue
    options.signal.throwIfAborted()
    const deployed: PlannedVariant = { key: variant.id, role: 'candidate', variant, deployment: { sessions } }
    const { server, warm, stop } = await startServer(deployed, surroundings, [])
    try {
      await warm({ pool: true })
      const requestHeaders = await issueForRun(server, plan.users)
      await driver.setCredentials({ variant: credentialsKey(deployed, plan), requestHeaders })
    } finally {
      await stop()
    }
  }
}

async function countQueries(
  planned: PlannedVariant,
  running: StartedServer,
  headers: readonly Readonly<Record<string, string>>[],
  options: AdmissionOptions,
): Promise<Results['checks']['queryCounts'][number]> {
  const before = await running.snapshot()
  const pgStatStatements = await options.countStatements(async () => {
    const ask = async (request: number) => {
      const response = await fetch(`${running.server.url}/me`, {
        headers: headers[request % headers.length] ?? {},
        signal: AbortSignal.any([options.signal, AbortSignal.timeout(10_000)]),
      })
      await response.arrayBuffer()
    }
    for (let first = 0; first < requestsToCount; first += countedAtOnce) {
      await Promise.all(Array.from({ length: countedAtOnce }, (_, index) => ask(first + index)))
    }
  })
  const after = await running.snapshot()
  return { variant: planned.key, requests: requestsToCount, counted: after.queries - before.queries, pgStatStatements }
}

/** `name: value` with the line's end, as sent, on average. */
function meanBytes(headers: readonly Readonly<Record<string, string>>[]): number {
  const bytes = headers.map((set) =>
    Object.entries(set).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0),
  )
  return bytes.reduce((sum, one) => sum + one, 0) / Math.max(1, bytes.length)
}
