import type { MicroRecord, MicroRun, MicroTask } from '../record/micro.ts'
import type { Results } from '../record/run.ts'
import { createRandom } from '../statistics/random.ts'
import { type FixtureVariant, fixtureVariants } from './plan.fixture.ts'
import { exampleResults } from './slice.fixture.ts'

/** CPU of the parts by variant, microseconds per call; the step is their sum. */
export const stepParts: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  none: { parse: 0.1 },
  session: { parse: 0.12, hash: 0.6, 'look up': 26 },
  'jwt:alg=HS256': { parse: 0.07, 'check header': 0.16, verify: 21, 'check claims': 0.08 },
  'jwt:alg=HS256,verifier=fast-jwt': { parse: 0.07, 'check header': 0.16, verify: 6, 'check claims': 0.08 },
  'jwt:alg=HS256,verifier=node': { parse: 0.07, 'check header': 0.16, verify: 4, 'check claims': 0.08 },
}

export interface MicroFixture {
  readonly restarts?: number
  readonly http?: boolean
  /** Cost over HTTP of the verifier `node`, microseconds: dearer than the others, the rankings disagree. */
  readonly nodeHttpUs?: number
}

const isAsync = (variant: string, task: string): boolean =>
  variant === 'session'
    ? task === 'look up' || task === 'step'
    : variant === 'jwt:alg=HS256' && /verify|step/.test(task)

/** A run of `micro` with known parts, whose costs over HTTP are known as well. */
export function exampleMicro({ restarts = 4, http = true, nodeHttpUs = 5 }: MicroFixture = {}): Results {
  const jwt = (id: string, label: string, appSaturationUs: number): FixtureVariant => ({
    id,
    strategy: 'jwt',
    role: 'candidate',
    label,
    appSaturationUs,
    appFixedRateUs: appSaturationUs,
    databaseUs: 0,
    authStepUs: appSaturationUs,
    credentialBytes: 290,
  })
  const variants = [
    ...fixtureVariants.slice(0, 4),
    jwt('jwt:alg=HS256,verifier=fast-jwt', 'JWT HS256, fast-jwt', 8),
    jwt('jwt:alg=HS256,verifier=node', 'JWT HS256, node:crypto', nodeHttpUs),
  ]
  const results = exampleResults({ restarts, rounds: 3, doubtfulShare: 0, variants })
  return {
    ...results,
    run: { ...results.run, command: 'micro' },
    plan: {
      ...results.plan,
      variants: results.plan.variants.map((variant) => ({
        ...variant,
        ...(variant.strategy === 'jwt'
          ? { parameters: { alg: 'HS256', verifier: /verifier=(.*)/.exec(variant.id)?.[1] ?? 'jose', key: 'best' } }
          : {}),
      })),
    },
    ...(http ? {} : { slices: [], estimates: [], absent: [], noiseBands: [] }),
    micro: exampleMicroRecord(restarts, http),
  }
}

function exampleMicroRecord(restarts: number, http: boolean): MicroRecord {
  const random = createRandom(11, 'micro fixture')
  const rounds = 3
  const tasks = Object.entries(stepParts).flatMap(([variant, parts]): MicroTask[] => {
    const names = [...Object.keys(parts), 'step', ...(variant.startsWith('jwt') ? ['issue'] : [])]
    return names.flatMap((task) => {
      const async = task === 'issue' || isAsync(variant, task)
      const kind = task === 'step' || task === 'issue' ? task : 'part'
      const one = { variant, task, kind, async, inFlight: 1 } as const
      return async ? [one, { ...one, inFlight: 10 }] : [one]
    })
  })
  const run = (task: MicroTask, restart: number, round: number, position: number): MicroRun => {
    const parts = stepParts[task.variant] ?? {}
    const whole = Object.values(parts).reduce((sum, us) => sum + us, 0)
    const us = (task.kind === 'part' ? (parts[task.task] ?? 0) : whole) * (1 + 0.02 * random.normal())
    return {
      ...task,
      ...{ set: 0, restart, round, position, batch: 8, samples: 100, calls: 800 },
      ...{ medianUs: us, madUs: 0.01 * us, meanUs: us, minUs: 0.9 * us, p99Us: 1.5 * us },
      // One at a time every call wakes a thread.
      cpuUs: task.async && task.inFlight === 1 ? us * 1.5 : us,
    }
  }
  return {
    ...{ restarts, rounds, runMs: 30, users: 1500, inFlight: 10, http, leftOut: [], tasks },
    runs: Array.from({ length: restarts }, (_, restart) =>
      Array.from({ length: rounds }, (_r, round) => tasks.map((task, position) => run(task, restart, round, position))),
    ).flat(2),
  }
}
