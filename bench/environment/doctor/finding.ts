import type { Absent } from '../../record/slice.ts'
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

/** What a loop that only reads the clock saw. */
export interface Spin {
  readonly elapsedMs: number
  /** Times between two readings far beyond a turn of the loop: it was stopped. */
  readonly stopsMs: readonly number[]
  /** How often the process was put aside for another one meanwhile. */
  readonly timesPutAside: number
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
  /** Keeps a core busy for so long with nothing but reading the clock. */
  spin(ms: number): Spin
  /**
   * CPU time that a fixed piece of work took on the servers' cores, one value for each of some windows of a quarter of a second,
   * microseconds.
   */
  coreSpeeds(): Promise<readonly number[] | Absent>
  /** What the same took at its best in earlier runs on these cores; undefined before the first. */
  readonly undisturbedWorkUs: number | undefined
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
