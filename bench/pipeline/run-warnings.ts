import type { Warning } from '../record/run.ts'
import type { Admission } from './admission.ts'

/** What is worth knowing before anything was measured: variants left out, unsafe parameters, miscounted queries. */
export const runWarnings = (admissions: readonly Admission[], sharedCores: boolean | undefined): Warning[] => [
  ...admissions.flatMap((admission) => [...leftOut(admission), ...ofVariant(admission), ...ofQueries(admission)]),
  ...(sharedCores === true ? [sharedCore] : []),
]

const sharedCore: Warning = {
  code: 'shared-core',
  message:
    'Servers and Postgres share one core, which leaves the other to the load driver. CPU per request is not affected; requests/s is that of one shared core, and high percentiles may contain waiting for it (behind Postgres, the thread pool or the garbage collector).',
  remedy: 'Use a machine with four cores or more for capacity and for tail latency.',
  severity: 'low',
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

function ofQueries({ planned, queryCount }: Admission): Warning[] {
  if (queryCount === undefined || typeof queryCount.pgStatStatements !== 'number') return []
  if (queryCount.pgStatStatements === queryCount.counted) return []
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
