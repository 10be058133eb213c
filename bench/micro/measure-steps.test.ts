import { expect, it } from 'vitest'
import type { MicroRun } from '../record/micro.ts'
import { measureSteps, type StepUnderTest } from './measure-steps.ts'

const task = (name: string) => ({ task: name, kind: 'part' as const, async: false, inFlight: 1 })

/** Processes that time nothing and write down what they are asked. */
function fakeSteps(log: string[]): StepUnderTest[] {
  return ['none', 'session', 'jwt:alg=HS256'].map((variant) => ({
    variant,
    tasks: [task('parse'), task('verify')],
    warmUp: async () => {
      log.push(`warm ${variant}`)
    },
    pin: async () => {
      log.push(`pin ${variant}`)
    },
    run: async (offered) => {
      log.push(`${variant} ${offered.task}`)
      const us = 1
      return {
        ...offered,
        batch: 1,
        samples: 1,
        calls: 1,
        medianUs: us,
        madUs: 0,
        meanUs: us,
        minUs: us,
        p99Us: us,
        cpuUs: us,
      }
    },
  }))
}

const place = { seed: 7, set: 1, restart: 2, rounds: 3, runMs: 30, warmUpMs: 200 }

async function measured(options: Partial<typeof place> = {}): Promise<{ log: string[]; runs: MicroRun[] }> {
  const log: string[] = []
  const runs: MicroRun[] = []
  await measureSteps(
    fakeSteps(log),
    { ...place, ...options },
    {
      signal: new AbortController().signal,
      onRun: (run) => runs.push(run),
      onRounds: async () => {
        log.push('rounds')
      },
    },
  )
  return { log, runs }
}

it('runs every task of every variant once a round, after a round that does not count', async () => {
  const { log, runs } = await measured()
  expect(runs).toHaveLength(3 * 6)
  for (const round of [0, 1, 2]) {
    const inRound = runs.filter((run) => run.round === round)
    expect(new Set(inRound.map(({ variant, task: name }) => `${variant} ${name}`)).size).toBe(6)
    expect(inRound.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5])
  }
  expect(runs.every(({ set, restart }) => set === 1 && restart === 2)).toBe(true)
  expect(log.filter((line) => line === 'session verify')).toHaveLength(4)
})

it('warms all up before any is pinned, and pins all before any is timed', async () => {
  const { log } = await measured()
  expect(log.slice(0, 3).every((line) => line.startsWith('warm'))).toBe(true)
  expect(log.slice(3, 6).every((line) => line.startsWith('pin'))).toBe(true)
  expect(log.indexOf('rounds')).toBe(6)
})

it('draws another order for each round, and the same again from the same seed', async () => {
  const orders = ({ runs }: { runs: MicroRun[] }) =>
    [0, 1, 2].map((round) =>
      runs
        .filter((run) => run.round === round)
        .map(({ variant, task: name }) => variant + name)
        .join(),
    )
  const once = orders(await measured())
  expect(new Set(once).size).toBe(3)
  expect(orders(await measured())).toEqual(once)
  expect(orders(await measured({ seed: 8 }))).not.toEqual(once)
})

it('ends between two runs when it is interrupted, and what was timed before stays', async () => {
  const controller = new AbortController()
  const runs: MicroRun[] = []
  const work = measureSteps(fakeSteps([]), place, {
    signal: controller.signal,
    onRun: (run) => {
      runs.push(run)
      if (runs.length === 4) controller.abort(new Error('enough'))
    },
  })
  await expect(work).rejects.toThrow('enough')
  expect(runs).toHaveLength(4)
})
