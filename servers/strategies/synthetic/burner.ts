/** A turn of the loop takes 0.05 us; an interrupt of a virtual machine some 50, a scheduler's stop hundreds and more. */
const interruptedMs = 0.005

/** The machine as a burner sees it; replaced in tests. */
interface Machine {
  /** Milliseconds of a monotonic clock, read without a system call. */
  now(): number
  /** How often this process has been put aside for another one. Costs a system call. */
  timesPutAside(): number
}

const thisMachine: Machine = {
  now: () => performance.now(),
  timesPutAside: () => process.resourceUsage().involuntaryContextSwitches,
}

/**
 * Steps of arithmetic between two readings of the clock, some 0.1 us. A reading allocates its number: without work
 * between them a burn of 50 us wrote 20 kB, and what the collector and the caches took for those was charged to the
 * request without being part of the burn.
 */
const stepsPerReading = 100

/**
 * Burns `amountMs` of CPU per call, and answers how many milliseconds it came to. CPU is read as elapsed time around
 * the loop: a CPU clock costs a system call, more than the smallest cost to inject.
 *
 * A call that ends late was stopped. An interrupt counts as burnt, because the kernel charges it to whoever runs, and
 * so it is in the CPU time that the harness reads. Time in which the process had been put aside does not: a stop of
 * 4 ms would count as 400 burns of 10 us. Where it was put aside since the last late call, the call counts as asked.
 */
export function createBurner(amountMs: number, machine: Machine = thisMachine): () => number {
  let putAside = machine.timesPutAside()
  let work = 1
  return () => {
    const start = machine.now()
    const end = start + amountMs
    let now = start
    while (now < end) {
      for (let step = 0; step < stepsPerReading; step++) work = (Math.imul(work, 1_664_525) + 1_013_904_223) | 0
      now = machine.now()
    }
    if (now - end <= interruptedMs) return now - start
    const before = putAside
    putAside = machine.timesPutAside()
    // Asking takes some 2 us, which are burnt as well.
    const askedMs = machine.now() - now
    return (putAside === before ? now - start : amountMs) + askedMs
  }
}
