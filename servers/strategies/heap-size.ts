import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { z } from 'zod'
import type { StateSize } from '../contract/state-size.ts'

const collectorSchema = z.custom<() => void>((value) => typeof value === 'function')

/** The garbage collector, which only a process that is not measured may be made to run. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose_gc')
  return collectorSchema.parse(runInNewContext('gc'))
}

/** As many as the caches hold by default. */
const entries = 10_000

/** Without buffers outside of the heap: no cache holds any, and those of the past are given back late. */
const usedBytes = (): number => process.memoryUsage().heapUsed

/**
 * Bytes that entries take in memory: the heap used with them minus without, garbage collected before each reading.
 *
 * @param add puts entry `n` into what `make` made
 */
export function weighEntries<Container>(
  what: string,
  { make, add }: { readonly make: () => Container; readonly add: (container: Container, n: number) => void },
): StateSize {
  const collect = garbageCollector()
  // Twice: once to compile, so that code is no part of the difference.
  let held: Container | undefined
  let bytes = 0
  for (let turn = 0; turn < 2; turn++) {
    held = undefined
    collect()
    const before = usedBytes()
    held = make()
    for (let n = 1; n <= entries; n++) add(held, n)
    collect()
    bytes = usedBytes() - before
  }
  // Read after the last collection: else it would be garbage itself.
  const count = held === undefined ? 0 : entries
  return {
    where: 'memory',
    what,
    bytes: Math.max(0, bytes),
    count,
    method: `heap used by ${entries} entries, garbage collected`,
  }
}

/** A copy with strings of its own, as parsing an answer or a token makes them. */
export function parsedAnew<T>(value: T): T {
  return structuredClone(value)
}
