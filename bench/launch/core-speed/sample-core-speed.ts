import { setTimeout } from 'node:timers/promises'
import { planCpusHere } from '../../environment/cpu-plan.ts'
import type { Absent } from '../../record/slice.ts'
import { SpeedProbe } from './speed-probe.ts'

const windows = 8
const windowMs = 250

/**
 * How long a fixed piece of work takes on the cores that servers would be given, two seconds long, without any server.
 *
 * @returns CPU time per piece of work in each window of a quarter of a second, microseconds; absent where nothing can be pinned.
 */
export async function sampleCoreSpeed(): Promise<readonly number[] | Absent> {
  const cpus = planCpusHere()
  if ('absent' in cpus) return cpus
  const started = await SpeedProbe.startOn(cpus.servers)
  if ('absent' in started) return started
  await using probe = started
  const found: number[] = []
  for (let window = 0; window < windows; window++) {
    await probe.begin()
    await setTimeout(windowMs)
    const reading = await probe.end()
    if ('absent' in reading) return reading
    found.push(reading.workUs)
  }
  return found
}
