import { stripVTControlCharacters } from 'node:util'
import type { Progress, SliceProgress } from '../pipeline/progress.ts'

/** Where progress goes: standard error, so that standard output holds the table alone. */
export interface ProgressSink {
  readonly isTTY: boolean
  readonly columns: number
  write(text: string): void
}

/** One status line that is drawn over on a terminal; plain lines, one per step and restart, elsewhere. */
export function terminalProgress(sink: ProgressSink): Progress & { clear(): void } {
  let drawn = false
  let lastPlain = ''
  const clear = () => {
    if (drawn) sink.write('\r\x1b[2K')
    drawn = false
  }
  const line = (text: string) => {
    clear()
    sink.write(`${text}\n`)
  }
  const status = (text: string) => {
    clear()
    sink.write(stripVTControlCharacters(text).slice(0, Math.max(20, sink.columns - 1)))
    drawn = true
  }
  const plainOnce = (text: string) => {
    if (text === lastPlain) return
    lastPlain = text
    line(text)
  }
  return {
    clear,
    notice: (text) => line(text),
    phase: (text, share) => {
      if (sink.isTTY) status(share === undefined ? `${text} ...` : `${text} ${Math.round(share * 100)} %`)
      else plainOnce(text)
    },
    slice: (what) => {
      if (sink.isTTY) status(sliceText(what))
      else plainOnce(`restart ${what.restart} of ${what.restarts}, ${what.load}: ${timeLeft(what.secondsLeft)} left`)
    },
  }
}

const sliceText = ({
  variant,
  load,
  restart,
  restarts,
  round,
  slicesDone,
  slicesPlanned,
  secondsLeft,
}: SliceProgress): string =>
  `[${slicesDone + 1}/${slicesPlanned}] restart ${restart}/${restarts} ${load} round ${round} ${variant}, ${timeLeft(secondsLeft)} left`

function timeLeft(seconds: number): string {
  // Steps of ten seconds: a plain log would otherwise have a line for every second.
  const rounded = Math.ceil(seconds / 10) * 10
  return rounded < 100 ? `${rounded} s` : `${Math.ceil(rounded / 60)} min`
}
