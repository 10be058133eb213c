import type { SystemFiles } from '../system-files.ts'

/** What one check found out about this machine. */
export interface Finding {
  readonly id: string
  /** What was looked at, for people: `Hyper-threads`. */
  readonly title: string
  /** `unknown`: could not be found out, with the reason in `detail`. */
  readonly state: 'good' | 'hurts' | 'unknown'
  readonly detail: string
  /** What to do about it; empty when there is nothing to do. */
  readonly remedy: string
}

/** What checks may ask. Injected, so that each can be tested against a fake machine. */
export interface Probe {
  readonly platform: NodeJS.Platform
  readonly files: SystemFiles
  readonly tasksetAvailable: boolean
  /** Mean number of runnable processes over the last minute. */
  readonly loadAverage: number
  readonly logicalCpus: number
  readonly kernel: string
  /** Waits between two readings of cumulative counters. */
  wait(ms: number): Promise<void>
  /** Address of the database to be measured with, where one was given. */
  readonly postgresUrl: string | undefined
}

/** One entry of the doctor's table. */
export interface DoctorCheck {
  readonly id: string
  readonly title: string
  check(probe: Probe): Promise<Outcome> | Outcome
}
export type Outcome = Pick<Finding, 'state' | 'detail' | 'remedy'>

export const good = (detail: string): Outcome => ({ state: 'good', detail, remedy: '' })
export const hurts = (detail: string, remedy: string): Outcome => ({ state: 'hurts', detail, remedy })
export const unknown = (detail: string, remedy = ''): Outcome => ({ state: 'unknown', detail, remedy })
