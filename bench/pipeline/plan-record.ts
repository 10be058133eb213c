import type { PostgresHandle } from '../environment/postgres-handle.ts'
import { type Plan, plannedVariants } from '../plan/plan.ts'
import { predictSeconds } from '../plan/predict.ts'
import type { PlanRecord, VariantRecord } from '../record/run.ts'
import { type Load, loadKey } from '../record/slice.ts'
import type { Admission } from './admission.ts'
import { runLifetimeS } from './server-set.ts'

/** The plan as results.json holds it. Rates that were shares stand there once the first warm-up has fixed them. */
export function recordPlan(
  plan: Plan,
  postgres: PostgresHandle['kind'],
  admissions: readonly Admission[],
  loads: readonly Load[],
): PlanRecord {
  const saturation = plan.loads.find(({ mode }) => mode === 'saturation')
  return {
    profile: plan.profile,
    variants: plannedVariants(plan).map((planned): VariantRecord => {
      const { variant } = planned
      const admission = admissions.find((one) => one.planned.key === planned.key)
      return {
        id: planned.key,
        strategy: variant.strategy,
        role: planned.role,
        label: planned.role === 'twin' ? `${variant.label} (twin)` : variant.label,
        parameters: { ...variant.parameters },
        revocation: variant.traits.revocation,
        carrier: carrierText(planned.variant.traits.carrier),
        ...(admission?.credentialBytes === undefined ? {} : { credentialBytes: admission.credentialBytes }),
        state: admission?.state ?? 'measured',
      }
    }),
    seed: plan.seed,
    restarts: plan.restarts,
    rounds: saturation?.rounds ?? 0,
    sliceMs: saturation?.sliceMs ?? 0.001,
    loads: loads.flatMap((load) => {
      const planned = plan.loads.filter(({ mode }) => mode === load.mode)[indexWithinMode(loads, load)]
      return planned === undefined || planned.rounds === 0
        ? []
        : [{ load, sliceMs: planned.sliceMs, roundsPerRestart: planned.rounds }]
    }),
    connections: plan.connections,
    poolSize: plan.poolSize,
    sessions: plan.sessions,
    users: plan.users,
    popularity: { distribution: 'zipf', exponent: plan.zipf },
    accessLifetimeS: runLifetimeS,
    postgres,
    keepNodeFlags: plan.keepNodeFlags,
    predictedSeconds: predictSeconds(plan),
  }
}

const indexWithinMode = (loads: readonly Load[], load: Load): number =>
  loads.filter(({ mode }) => mode === load.mode).findIndex((one) => loadKey(one) === loadKey(load))

const carrierText = (carrier: Admission['planned']['variant']['traits']['carrier']): string =>
  carrier.kind === 'cookie'
    ? `cookie ${carrier.name}`
    : `header ${carrier.name}${carrier.scheme === undefined ? '' : `: ${carrier.scheme}`}`
