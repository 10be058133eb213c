import type { WriteCounters } from '../environment/write-counters.ts'
import type { RequestHeaders } from '../gate/credential.ts'
import { httpSender, type Send } from '../gate/http-sender.ts'
import type { LoadDriver } from '../load/load-driver.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import type { WriteCount } from '../record/run.ts'
import type { Admission } from './admission.ts'
import { mayWrite } from './may-write.ts'
import { needsPool, type ServerSurroundings, type StartedServer, startServer } from './started-server.ts'

/** Requests of a pass: some thousands, so that pages are met again and pruned as they are in service. */
const requestsOfPass = 3000
const logoutsOfPass = 500
const connections = 10
const longestPassMs = 15_000
const lifetimeS = 3600

export interface WritesOptions {
  readonly surroundings: ServerSurroundings
  readonly driver: LoadDriver
  readonly signal: AbortSignal
  /** Cumulative counters of the database. */
  read(): Promise<WriteCounters>
  /** Once all backends of an application have ended, and so have handed in what they counted. */
  ended(applicationName: string): Promise<boolean>
  onVariant(key: string): void
}

type Event = WriteCount['event']

/** What a variant may write when: with a request, or, where it keeps a list of what was revoked, with a logout. */
export function writingEvents(planned: PlannedVariant): readonly Event[] {
  const { traits, needs } = planned.variant
  const keepsList = traits.form === 'jwt' && traits.revocation.kind !== 'at-expiry' && needs.includes('postgres')
  if (keepsList) return ['request', 'logout']
  return planned.role === 'candidate' && mayWrite(planned) ? ['request'] : []
}

/**
 * What requests and logouts write to Postgres, in untimed passes: one variant at a time, each pass on a server of its
 * own, whose backends have handed in their counts when it has ended. The first pass is not counted: it writes the images of
 * the pages that it is the first to change since the last checkpoint.
 */
export async function countWrites(admissions: readonly Admission[], options: WritesOptions): Promise<WriteCount[]> {
  const counts: WriteCount[] = []
  for (const { planned, state } of admissions) {
    const events = state === 'measured' ? writingEvents(planned) : []
    if (events.length === 0) continue
    options.signal.throwIfAborted()
    options.onVariant(planned.key)
    try {
      counts.push(...(await countOf(planned, events, options)))
    } catch (error) {
      options.signal.throwIfAborted()
      const absent = error instanceof Error ? error.message : String(error)
      counts.push(...events.map((event) => ({ variant: planned.key, event, written: { absent } })))
    }
  }
  return counts
}

async function countOf(
  planned: PlannedVariant,
  events: readonly Event[],
  options: WritesOptions,
): Promise<WriteCount[]> {
  const loggedIn = await onServerOfItsOwn(planned, options, async (started) => {
    await sendRequests(planned, started, options)
    if (!events.includes('logout')) return []
    return started.server.issue({
      fromUserId: 1,
      toUserId: Math.min(options.surroundings.plan.users, logoutsOfPass),
      nowMs: Date.now(),
      lifetimeS,
      fresh: true,
    })
  })
  const counts: WriteCount[] = []
  for (const event of events) {
    const before = await options.read()
    const { requests, walBytes } = await onServerOfItsOwn(planned, options, async (started) => {
      const first = await started.server.snapshot()
      const begun = await options.read()
      const sent = event === 'request' ? await sendRequests(planned, started, options) : await logOut(started, loggedIn)
      const done = await options.read()
      const last = await started.server.snapshot()
      return {
        requests: event === 'request' ? last.requests - first.requests : sent,
        walBytes: done.walBytes - begun.walBytes,
      }
    })
    const after = await options.read()
    counts.push({
      variant: planned.key,
      event,
      ...clockOf(planned),
      written: writtenBetween(before, after, requests, walBytes),
    })
  }
  return counts
}

/** A pass takes seconds: what is written by the clock does not fall due in it. */
function clockOf({ variant }: PlannedVariant): Pick<WriteCount, 'everyMs'> {
  const { periodic } = variant.traits
  return periodic === undefined || variant.sessionLayout?.written !== true ? {} : { everyMs: periodic.everyMs }
}

/** Runs `work` on a server that then ends; resolves when all its backends have. */
async function onServerOfItsOwn<T>(
  planned: PlannedVariant,
  { surroundings, ended }: WritesOptions,
  work: (started: StartedServer) => Promise<T>,
): Promise<T> {
  const started = await startServer(planned, surroundings, [])
  let result: T
  try {
    await started.warm({ pool: needsPool(planned) })
    result = await work(started)
  } finally {
    await started.stop()
  }
  if (!(await ended(started.applicationName))) throw new Error('its backends did not end, so their counts are not in')
  return result
}

/** The load's own walks, so that popular users are written to as often as they are under load. */
async function sendRequests(
  { key, variant }: PlannedVariant,
  { server }: StartedServer,
  { driver }: WritesOptions,
): Promise<number> {
  const target = `${key}/writes`
  await driver.open({ target, variant: variant.id, urls: [server.url], connections, driver: 'raw', walk: 'writes' })
  try {
    const result = await driver.closedLoop({
      target,
      durationMs: 1,
      minResponses: requestsOfPass,
      maxDurationMs: longestPassMs,
    })
    if (result.errors + result.non2xx > 0) throw new Error('not every request was accepted')
    return result.requests
  } finally {
    await driver.close(target)
  }
}

async function logOut({ server }: StartedServer, loggedIn: readonly RequestHeaders[]): Promise<number> {
  const { send, close } = httpSender(server.url)
  const one = async (headers: RequestHeaders, ask: Send): Promise<void> => {
    const { status } = await ask('POST', '/logout', headers)
    if (status >= 400) throw new Error(`a logout was answered ${status}`)
  }
  try {
    for (const headers of loggedIn) await one(headers, send)
    return loggedIn.length
  } finally {
    await close()
  }
}

function writtenBetween(
  before: WriteCounters,
  after: WriteCounters,
  requests: number,
  walBytes: number,
): WriteCount['written'] {
  if (requests === 0) return { absent: 'no request was answered' }
  const since = (name: keyof WriteCounters): number => after[name] - before[name]
  const dead = since('deadTuples')
  return {
    requests,
    walBytes,
    fullPageImages: since('fullPageImages'),
    inserted: since('inserted'),
    updated: since('updated'),
    hotUpdated: since('hotUpdated'),
    deleted: since('deleted'),
    deadTuples: dead < 0 ? { absent: 'a vacuum cleared some away meanwhile' } : dead,
  }
}
