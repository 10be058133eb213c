import { describe, expect, it } from 'vitest'
import { roundsOf } from '../plan/order.ts'
import { makePlan, type Plan } from '../plan/plan.ts'
import type { Slice } from '../record/slice.ts'
import { blindProbes, fakeServers, reading } from './fake-servers.fixture.ts'
import { mostFurtherRounds } from './further-rounds.ts'
import { measureRestart, type RestartOptions } from './restart.ts'

const planOf = (seed: number): Plan => makePlan({ profile: 'quick', variants: ['session', 'jwt:alg=HS256'], seed })

async function run(plan: Plan, more: Partial<RestartOptions>, servers: readonly string[]) {
  const fake = fakeServers(Object.fromEntries(servers.map((key) => [key, () => 12])))
  const slices: Slice[] = []
  const events: string[] = []
  const work = measureRestart(
    {
      ...fake,
      serverOf: (key) => fake.servers.find((server) => server.key === key),
      pin: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
    {
      plan,
      place: { set: 0, restart: 2, group: 'default' },
      probes: blindProbes,
      signal: new AbortController().signal,
      idleMs: 0,
      rateOf: () => 1500,
      onFurtherRound: (slices) => void events.push(`further ${slices}`),
      onWarmUp: (warmUps) => void events.push(`warm ${warmUps.length}`),
      onSlice: (slice) => {
        slices.push(slice)
        events.push(`slice ${slice.variant}`)
      },
      onStart: ({ variant }) => void events.push(`start ${variant.key}`),
      ...more,
    },
  )
  return { work, slices, events, journal: fake.journal }
}

describe('measureRestart', () => {
  const plan = planOf(5)
  const names = plan.sets.flat().map(({ key }) => key)

  it("measures every round of every load in the plan's order, position by position", async () => {
    const { work, slices } = await run(plan, {}, names)
    await work
    const planned = roundsOf(plan, 0, 2).flatMap(({ load, round, order }) =>
      order.map(({ key }, position) => `${load.mode} ${round} ${position} ${key}`),
    )
    expect(slices.map(({ load, round, position, variant }) => `${load.mode} ${round} ${position} ${variant}`)).toEqual(
      planned,
    )
    expect(new Set(slices.map(({ restart }) => restart))).toEqual(new Set([2]))
  })

  it('tells of the warm-up first, and of each slice before the next begins', async () => {
    const { work, events } = await run(plan, {}, names)
    await work
    expect(events[0]).toBe(`warm ${names.length}`)
    const rest = events.slice(1)
    for (let i = 0; i < rest.length; i += 2) expect(rest[i + 1]).toBe(rest[i]?.replace('start', 'slice'))
  })

  it('fixes the rate of a fixed-rate load once it has warmed up', async () => {
    const { work, slices } = await run(
      plan,
      { rateOf: (choice, warmUps) => (choice === 'default' ? warmUps.length : 1) },
      names,
    )
    await work
    const rates = slices.flatMap(({ load }) => (load.mode === 'fixed-rate' ? [load.requestsPerSecond] : []))
    expect(new Set(rates)).toEqual(new Set([names.length]))
  })

  it('makes slices at a low rate as long as their responses take', async () => {
    for (const [rate, durationMs] of [
      [1500, 120],
      [100, 800],
      [5, 3000],
    ] as const) {
      const { work, slices } = await run(plan, { rateOf: () => rate }, names)
      await work
      const lengths = slices.flatMap((slice) => (slice.load.mode === 'fixed-rate' ? [slice.durationMs] : []))
      expect(new Set(lengths)).toEqual(new Set([durationMs]))
    }
  })

  it('holds bad traffic against the saturation limit where the slice beside it is, and not where pools are varied', async () => {
    const unsaturated = async (vary: readonly string[]) => {
      const bad = makePlan({ profile: 'quick', variants: ['session'], badShare: '10%', vary: [...vary], seed: 5 })
      const keys = bad.sets.flat().map(({ key }) => key)
      const { work, slices } = await run(bad, { probes: { ...blindProbes, sharedCores: true } }, keys)
      await work
      const doubted = slices.filter(({ doubts }) => doubts.some(({ code }) => code === 'not-saturated'))
      return new Set(doubted.map(({ load }) => load.mode))
    }
    expect(await unsaturated([])).toEqual(new Set(['saturation', 'bad-traffic']))
    expect(await unsaturated(['pool=2,5'])).toEqual(new Set())
  })

  it('sends every variant of a round the same arrivals, and each round others', async () => {
    const { work, journal } = await run(plan, {}, names)
    await work
    const seeds = journal.filter((entry) => entry.startsWith('open loop')).map((entry) => entry.split(' ')[2])
    const rounds = seeds.length / names.length
    expect(new Set(seeds).size).toBe(rounds)
    for (let round = 0; round < rounds; round++)
      expect(new Set(seeds.slice(round * names.length, (round + 1) * names.length)).size).toBe(1)
  })

  it('loads a server that has idled for too long for a moment before its slice, and nobody else', async () => {
    const loadsOf = async (longestIdleMs: number | undefined) => {
      const { work, slices, journal } = await run(plan, longestIdleMs === undefined ? {} : { longestIdleMs }, names)
      await work
      return { slices, journal: journal.slice(journal.lastIndexOf('warm-up together')) }
    }
    const [never, always] = [await loadsOf(undefined), await loadsOf(-1)]
    expect(always.journal.length - never.journal.length).toBe(always.slices.length)
    for (const [index, entry] of always.journal.entries()) {
      const [, key] = /^open loop \d+ (.*)/.exec(entry) ?? []
      if (key !== undefined) expect(always.journal[index - 1]).toBe(`saturate ${key}`)
    }
    // What it took is in no slice.
    expect(always.slices.map(({ requests }) => requests)).toEqual(never.slices.map(({ requests }) => requests))
  })

  it('ends as well where nobody can be measured, the control included', async () => {
    const { work, slices, events } = await run(plan, { signal: AbortSignal.timeout(5000) }, [])
    await work
    expect(slices).toEqual([])
    // Asked for in vain, as often as they may be.
    const most = plan.loads.reduce((sum, { rounds }) => sum + mostFurtherRounds(rounds), 0)
    expect(events.filter((event) => event.startsWith('further'))).toHaveLength(most)
  })

  it('measures a round again in an order of its own where a disturbance spoiled too many', async () => {
    // Two of three rounds at saturation lose the control to another client of the database.
    let spoiled = 0
    const { work, slices, events } = await run(
      plan,
      {
        probes: {
          ...blindProbes,
          database: async (applicationName) =>
            reading({ foreignBackends: applicationName === 'application-none' && spoiled++ < 4 ? 1 : 0 }),
        },
      },
      names,
    )
    await work
    const saturated = slices.filter(({ load }) => load.mode === 'saturation')
    const roundsOfSlices = [...new Set(saturated.map(({ round }) => round))]
    expect(roundsOfSlices).toEqual([0, 1, 2, 3])
    expect(saturated.filter(({ further }) => further === true).map(({ round }) => round)).toEqual(names.map(() => 3))
    expect(events.filter((event) => event === `further ${names.length}`)).toHaveLength(1)
    // Rounds at the fixed rate follow, undisturbed.
    expect(slices.at(-1)?.load.mode).toBe('fixed-rate')
    expect(slices.filter(({ load, further }) => load.mode === 'fixed-rate' && further === true)).toEqual([])
  })

  it('passes over a variant whose server was never started', async () => {
    const { work, slices } = await run(
      plan,
      {},
      names.filter((name) => name !== 'session'),
    )
    await work
    expect(slices.some(({ variant }) => variant === 'session')).toBe(false)
    expect(slices.some(({ variant }) => variant === 'none#twin')).toBe(true)
  })

  it('ends with the slice that is running, and keeps what was measured', async () => {
    const end = new AbortController()
    const kept: Slice[] = []
    const { work } = await run(
      plan,
      {
        signal: end.signal,
        onSlice: (slice) => {
          kept.push(slice)
          if (kept.length === 3) end.abort(new Error('Ctrl-C'))
        },
      },
      names,
    )
    await expect(work).rejects.toThrow('Ctrl-C')
    expect(kept).toHaveLength(3)
  })
})
