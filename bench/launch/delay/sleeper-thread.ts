import { readFileSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { monotonicUs } from './monotonic.ts'
import { asleep, idle, neverIndex, sleeperMemory, stateIndex } from './sleeper-memory.ts'

/*
 * Thread entry. It sleeps for the proxy: `Atomics.wait` takes fractions of a millisecond, where timers take whole ones.
 * It never returns to its event loop; the end of the process ends it.
 */

const { words, untilUs } = sleeperMemory(z.instanceof(SharedArrayBuffer).parse(workerData))

/**
 * Linux lets a thread's sleeps end up to 50 us late to bundle wake-ups; a thread may ask for less
 * (https://man7.org/linux/man-pages/man5/proc_pid_timerslack_ns.5.html).
 */
function askForExactSleeps(): void {
  try {
    const thread = /^Pid:\s*(\d+)/m.exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1]
    if (thread !== undefined) writeFileSync(`/proc/${thread}/timerslack_ns`, '1')
  } catch {
    // Not Linux, or not allowed: sleeps end later, by an amount that is measured and subtracted anyway.
  }
}

askForExactSleeps()
// Says that it sleeps when asked to; from then on each message says that a sleep is over.
parentPort?.postMessage(0)
for (;;) {
  Atomics.wait(words, stateIndex, idle)
  const leftUs = (untilUs[0] ?? 0) - monotonicUs()
  if (leftUs > 0) Atomics.wait(words, neverIndex, 0, leftUs / 1000)
  Atomics.compareExchange(words, stateIndex, asleep, idle)
  parentPort?.postMessage(0)
}
