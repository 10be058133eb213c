/** What a run tells whoever watches it. Measured windows are silent: nothing is drawn while one runs. */
export interface Progress {
  /** A step of the set-up or the end, for example `seeding 100,000 sessions`; `share` 0..1 where known. */
  phase(text: string, share?: number): void
  /** One line that stays: a notice about something done differently than asked. */
  notice(text: string): void
  /** A slice is about to be measured. */
  slice(what: SliceProgress): void
}

export interface SliceProgress {
  readonly variant: string
  readonly load: string
  /** 1-based. */
  readonly restart: number
  readonly restarts: number
  readonly round: number
  readonly slicesDone: number
  readonly slicesPlanned: number
  readonly secondsLeft: number
}
