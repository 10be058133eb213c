import { measureLifecycle } from '../measure/lifecycle/measure-lifecycle.ts'
import type { RestartPlace, StartedSet } from '../measure/restart.ts'
import { createRandom, shuffle } from '../statistics/random.ts'
import type { Running } from './measure-restarts.ts'

/** Register, login, refresh and logout at each server of a set, in an order drawn from the seed; the twin's left out. */
export async function measureSignIns(
  { plan, driver, environment, recording, progress, signal }: Running,
  { set, restart }: RestartPlace,
  started: StartedSet,
): Promise<void> {
  const variants = (plan.sets[set] ?? []).filter(({ role }) => role !== 'twin')
  for (const { key, role } of shuffle(variants, createRandom(plan.seed, `sign-ins/${set}/${restart}`))) {
    const server = started.serverOf(key)
    if (server === undefined) continue
    progress.phase(`restart ${restart + 1} of ${plan.restarts}: signing in and out of ${key}`)
    await server.become?.(key)
    await measureLifecycle(server, {
      variant: key,
      set,
      restart,
      authenticates: role === 'candidate',
      seed: plan.seed,
      probes: environment.probes,
      driver,
      signal,
      onBatch: (batch) => recording.addCalls(batch),
    })
  }
}
