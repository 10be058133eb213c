import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import type { Plan } from '../plan/plan.ts'
import type { Signing } from '../record/signing.ts'
import { createRandom, shuffle } from '../statistics/random.ts'
import type { RestartPlace, StartedSet } from './restart.ts'

/** Enough for the clock of CPU time, few enough for slow keys (RSA of 8192 bits signs some 30 a second). */
export const credentialsAtOnce = 60

/** A restart needs two rounds for a median (docs/method.md, Estimate); three bear an outlier. */
const rounds = 3

/**
 * Has every server of a set issue credentials, in rounds of a drawn order, and reads what that took of its CPU. After
 * the rounds of requests, so that these find servers as they are always found; the first round warms up and is dropped.
 */
export async function measureSignings(
  started: Pick<StartedSet, 'serverOf'>,
  { plan, place, signal }: { readonly plan: Plan; readonly place: RestartPlace; readonly signal: AbortSignal },
): Promise<Signing[]> {
  const { set, restart } = place
  const keys = (plan.sets[set] ?? []).map(({ key }) => key)
  const random = createRandom(plan.seed, `signings/${set}/${restart}`)
  const signings: Signing[] = []
  for (let round = -1; round < rounds; round++) {
    for (const variant of shuffle(keys, random)) {
      signal.throwIfAborted()
      const server = started.serverOf(variant)
      // Left out by the gate, with a message.
      if (server?.issue === undefined) continue
      const before = await server.snapshot()
      await server.issue(credentialsAtOnce)
      const cpuUs = difference(before, await server.snapshot())
      if (round >= 0) signings.push({ variant, set, restart, round, credentials: credentialsAtOnce, cpuUs })
    }
  }
  return signings
}

/** CPU of the process between two readings, without the readings' own. */
const difference = (before: CounterSnapshot, after: CounterSnapshot): number =>
  Math.max(
    0,
    after.cpuUserUs +
      after.cpuSystemUs -
      after.readingCpuUs -
      (before.cpuUserUs + before.cpuSystemUs - before.readingCpuUs),
  )
