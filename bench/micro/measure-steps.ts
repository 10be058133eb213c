import type { MicroRun } from '../record/micro.ts'
import { createRandom, shuffle } from '../statistics/random.ts'
import type { MeasuredRun, OfferedTask } from './protocol.ts'

/** One variant's process, as the loop sees it. */
export interface StepUnderTest {
  readonly variant: string
  readonly tasks: readonly OfferedTask[]
  warmUp(msPerTask: number): Promise<void>
  /** Puts it onto the cores of the servers. */
  pin(): Promise<void>
  run(task: OfferedTask, runMs: number): Promise<MeasuredRun>
}

/** How much is measured in one restart of one set. */
export interface StepRounds {
  readonly seed: number
  readonly set: number
  readonly restart: number
  readonly rounds: number
  /** Length of a run, milliseconds. */
  readonly runMs: number
  readonly warmUpMs: number
}

export interface MeasureHooks {
  readonly signal: AbortSignal
  onRun(run: MicroRun): void
  /** All are warm and pinned, and the rounds begin. */
  onRounds?(): Promise<void>
}

/**
 * One restart of one set: all processes warm up side by side, unpinned, because their compilers use what cores there
 * are; then every task of every variant runs once a round, in an order drawn from the seed. Before the first round all
 * of them run once for nothing: on their own core, after having waited, they are not yet as they will be.
 */
export async function measureSteps(
  steps: readonly StepUnderTest[],
  { seed, set, restart, rounds, runMs, warmUpMs }: StepRounds,
  { signal, onRun, onRounds }: MeasureHooks,
): Promise<void> {
  await Promise.all(steps.map((step) => step.warmUp(warmUpMs)))
  signal.throwIfAborted()
  await Promise.all(steps.map((step) => step.pin()))
  await onRounds?.()
  const everything = steps.flatMap((step) => step.tasks.map((task) => ({ step, task })))
  for (let round = -1; round < rounds; round++) {
    const order = shuffle(everything, createRandom(seed, `micro/${set}/${restart}/${round}`))
    for (const [position, { step, task }] of order.entries()) {
      signal.throwIfAborted()
      const run = await step.run(task, runMs)
      if (round >= 0) onRun({ ...run, variant: step.variant, set, restart, round, position })
    }
  }
}
