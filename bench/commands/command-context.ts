import type { ProgressSink } from './terminal-progress.ts'

/** What a command gets from `main.ts`, which alone prints and exits. */
export interface CommandContext {
  /** Standard output: results. */
  print(text: string): void
  /** Standard error: progress and notices. */
  readonly progress: ProgressSink
  readonly width: number
  readonly colour: boolean
  /** Aborted with an `Interruption` by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** Arguments as typed, for the record; not yet redacted. */
  readonly argv: readonly string[]
}

/** Documented in the README: 0 done, 1 failed, 2 usage, 3 a variant was invalid, 4 regression (shown, or not excluded), 130 and 143 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130 | 143

/** Why a run was interrupted; the reason of the abort. */
export class Interruption extends Error {
  readonly exitCode: 130 | 143

  constructor(exitCode: 130 | 143) {
    super(exitCode === 130 ? 'Interrupted by Ctrl-C.' : 'Stopped by SIGTERM.')
    this.name = 'Interruption'
    this.exitCode = exitCode
  }
}
