import type { PostgresHandle } from '../environment/postgres-handle.ts'
import { type Plan, plannedVariants } from '../plan/plan.ts'
import type { PlannedLoad } from '../plan/planned-load.ts'
import { checkedKey, plannedLabel } from '../plan/planned-variant.ts'
import { predictSeconds } from '../plan/predict.ts'
import { sliceMsUnder } from '../plan/slice-length.ts'
import type { PlanRecord, VariantRecord } from '../record/run.ts'
import { type Load, loadKey } from '../record/slice.ts'
import type { Admission } from './admission.ts'
import { runLifetimeS } from './started-server.ts'

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
      const admission = admissions.find((one) => one.planned.key === checkedKey(planned))
      return {
        id: planned.key,
        strategy: variant.strategy,
        role: planned.role,
        label: plannedLabel(planned),
        parameters: { ...variant.parameters },
        revocation: variant.traits.revocation,
        ...(variant.traits.roleChange === undefined ? {} : { roleChange: variant.traits.roleChange }),
        ...(variant.traits.userDeletion === undefined ? {} : { userDeletion: variant.traits.userDeletion }),
        carrier: carrierText(planned.variant.traits.carrier),
        ...(admission?.credentialBytes === undefined ? {} : { credentialBytes: admission.credentialBytes }),
        ...(variant.traits.periodic === undefined
          ? {}
          : { periodic: { everyMs: variant.traits.periodic.everyMs, what: variant.traits.periodic.what } }),
        ...(planned.deployment === undefined ? {} : { deployment: planned.deployment }),
        state: admission?.state ?? 'measured',
      }
    }),
    seed: plan.seed,
    restarts: plan.restarts,
    rounds: saturation?.rounds ?? 0,
    sliceMs: saturation?.sliceMs ?? 0.001,
    loads: loads.flatMap((load) => {
      const planned = plannedLoad(plan, loads, load)
      return planned === undefined || planned.rounds === 0
        ? []
        : [{ load, sliceMs: sliceMsUnder(load, planned.sliceMs), roundsPerRestart: planned.rounds }]
    }),
    connections: plan.connections,
    poolSize: plan.poolSize,
    sessions: plan.sessions,
    users: plan.users,
    popularity: { distribution: 'zipf', exponent: plan.zipf },
    ...(plan.badShare === 0 ? {} : { badShare: plan.badShare }),
    accessLifetimeS: runLifetimeS,
    postgres,
    // One of the user's is left alone.
    restartPostgres: plan.restartPostgres && postgres !== 'external',
    keepNodeFlags: plan.keepNodeFlags,
    ...(plan.purpose === undefined ? {} : { purpose: plan.purpose }),
    ...(plan.tokenGrid === undefined ? {} : { tokenGrid: plan.tokenGrid }),
    predictedSeconds: predictSeconds(plan),
  }
}

/** Levels of the closed loop may first be met in any order; rates are fixed in the order of the plan. */
function plannedLoad(plan: Plan, loads: readonly Load[], load: Load): PlannedLoad | undefined {
  return load.mode === 'saturation'
    ? plan.loads.find((one) => one.mode === 'saturation' && one.connections === load.connections)
    : load.mode === 'bad-traffic'
      ? plan.loads.find((one) => one.mode === 'bad-traffic' && one.badShare === load.badShare && one.kind === load.kind)
      : plan.loads.filter(({ mode }) => mode === load.mode)[indexWithinMode(loads, load)]
}

const indexWithinMode = (loads: readonly Load[], load: Load): number =>
  loads.filter(({ mode }) => mode === load.mode).findIndex((one) => loadKey(one) === loadKey(load))

const carrierText = (carrier: Admission['planned']['variant']['traits']['carrier']): string =>
  carrier.kind === 'cookie'
    ? `cookie ${carrier.name}`
    : `header ${carrier.name}${carrier.scheme === undefined ? '' : `: ${carrier.scheme}`}`
