import { longestWaitMs, stillAsBefore } from '../gate/promised-lag.ts'
import { unguardedAttacks } from '../gate/run-gate.ts'
import { type CoreSharing, coreSharingWords } from '../record/core-sharing.ts'
import type { RevocationLag, Warning } from '../record/run.ts'
import type { Absent } from '../record/slice.ts'
import type { Admission } from './admission.ts'
import { headerWarnings } from './bytes.ts'

/** What is worth knowing before anything was measured: variants left out, unsafe parameters, miscounted queries. */
export const runWarnings = (
  admissions: readonly Admission[],
  cores: { readonly shared: boolean; readonly coreSharing?: CoreSharing | Absent | undefined },
): Warning[] => [
  ...admissions.flatMap((admission) => [
    ...leftOut(admission),
    ...ofVariant(admission),
    ...ofUnguarded(admission),
    ...ofNotTried(admission),
    ...ofQueries(admission),
    ...ofPromises(admission),
    ...ofHeaders(admission),
  ]),
  ...(cores.shared ? [sharedCore(cores.coreSharing)] : []),
]

/** From here on taking turns is no detail of a look-up. */
const grave = 1.1

function sharedCore(sharing: CoreSharing | Absent | undefined): Warning {
  const measured = sharing === undefined || 'absent' in sharing ? undefined : sharing
  const found =
    measured === undefined
      ? 'What asks Postgres may cost more CPU than with cores of their own'
      : `In process, without HTTP, a look-up takes ${coreSharingWords(measured)}`
  const isShown = measured !== undefined && measured.times.low > 1
  const bias = isShown ? '. The figures of whatever asks Postgres contain that, those of tokens do not' : ''
  return {
    code: 'shared-core',
    message: `Servers and Postgres share one core, which leaves the other to the load driver. ${found}${bias}. Requests/s is that of one shared core, and high percentiles may contain waiting for it (behind Postgres, the thread pool or the garbage collector).`,
    remedy:
      'Use a machine with four cores or more for what a look-up costs where Postgres has cores of its own, for capacity and for tail latency.',
    severity: isShown && measured.times.value > grave ? 'high' : 'low',
  }
}

function leftOut({ planned, state }: Admission): Warning[] {
  if (state === 'measured') return []
  return [
    {
      code: 'variant-left-out',
      variant: planned.key,
      message: `${planned.variant.label} was not measured: ${state.leftOut}`,
      remedy: 'Mend what the message names and run again; the other variants are not affected.',
      severity: 'high',
    },
  ]
}

const ofVariant = ({ planned }: Admission): Warning[] =>
  planned.variant.warnings.map(({ code, message, remedy }) => ({
    code,
    variant: planned.key,
    message,
    remedy,
    severity: 'low',
  }))

/** A strategy of the project has a warning of its own where it says so; a file of the user's need not have one. */
function ofUnguarded({ planned }: Admission): Warning[] {
  const { file, label, traits } = planned.variant
  const attacks = unguardedAttacks(traits)
  if (file === undefined || attacks.length === 0) return []
  return [
    {
      code: 'attacks-left-out',
      variant: planned.key,
      message: `${label}: the gate left out what its strategy file says it does not withstand (unguarded): ${attacks.join(', ')}.`,
      remedy:
        'Mend the strategy and take the names out of its traits; until then do not take it for as safe as the others.',
      severity: 'low',
    },
  ]
}

function ofNotTried({ planned, notTried = [] }: Admission): Warning[] {
  const reasons = [...new Set(notTried.map(({ why }) => why))]
  return reasons.map((reason) => ({
    code: 'attacks-not-tried',
    variant: planned.key,
    message: `${planned.variant.label}: the gate could not try what applies to it, because ${reason}: ${notTried.flatMap(({ attack, why }) => (why === reason ? [attack] : [])).join(', ')}.`,
    remedy: 'Mend what the message names and run again; until then do not take it for as safe as the others.',
    severity: 'high',
  }))
}

/**
 * Of the requests. Postgres counts for the whole server, so a heartbeat of another variant's server is counted too; a
 * library that goes past the pool asks on every request.
 */
const strayShare = 0.05

function ofQueries({ planned, queryCount }: Admission): Warning[] {
  if (queryCount === undefined || typeof queryCount.pgStatStatements !== 'number') return []
  const difference = Math.abs(queryCount.pgStatStatements - queryCount.counted)
  if (difference <= strayShare * queryCount.requests) return []
  return [
    {
      code: 'queries-miscounted',
      variant: planned.key,
      message: `${planned.variant.label}: the pool counted ${queryCount.counted} queries for ${queryCount.requests} requests, Postgres itself ${queryCount.pgStatStatements}.`,
      remedy:
        'Other clients of this database, or a library with a connection of its own, explain a difference; look at pg_stat_statements.',
      severity: 'high',
    },
  ]
}

/** What the clock of a cache, one question and a busy machine may add to a promise that is kept, milliseconds. */
const promiseSlackMs = 500

const eventInWords: Record<RevocationLag['event'], string> = {
  logout: 'after a logout',
  'role-change': 'with the old role after it was changed',
  'user-deletion': 'after its user was deleted',
}

function ofPromises({ planned, revocation = [] }: Admission): Warning[] {
  return revocation.filter(isBroken).map(({ event, lagMs, formula }) => ({
    code: 'revocation-promise-broken',
    variant: planned.key,
    message: `${planned.variant.label} accepts a credential for longer than it promises ${eventInWords[event]}: ${typeof lagMs === 'number' ? `${lagMs} ms` : lagMs.absent}; promised: ${formula}.`,
    remedy:
      'Mend the strategy or what it says of itself (traits); compare its cost with others that promise as little.',
    severity: 'high',
  }))
}

/** Whether a measured lag is longer than what was promised of a credential with that lifetime. */
function isBroken({ lagMs, atMostMs, lifetimeS }: RevocationLag): boolean {
  if (typeof atMostMs !== 'number') return false
  const boundMs = lifetimeS === undefined ? atMostMs : lifetimeS * 1000
  if (typeof lagMs === 'number') return boundMs === 0 ? lagMs > 0 : lagMs > boundMs + promiseSlackMs
  return boundMs + promiseSlackMs <= longestWaitMs && lagMs.absent === stillAsBefore(longestWaitMs)
}

const ofHeaders = ({ planned, bytes }: Admission): Warning[] =>
  bytes === undefined ? [] : headerWarnings(planned.variant.label, bytes.wire)
