import type { Absent } from '../record/slice.ts'
import { parseCpuList } from './cpu-list.ts'
import { type SystemFiles, systemFiles } from './system-files.ts'

/** Time of some CPUs since boot, microseconds. Ticks are 10 ms (USER_HZ is 100 on every architecture node runs on). */
export interface CpuTimes {
  /** user + nice + system + irq + softirq; guests are in user. */
  readonly busyUs: number
  /** Time the hypervisor gave to others. */
  readonly stealUs: number
  /** How many CPUs these are. */
  readonly cpus: number
}

const tickUs = 10_000

/**
 * Reads `/proc/stat` for some CPUs, as cumulative times: take the difference of two.
 *
 * @param cpus a list as `taskset -c` takes it; undefined: all.
 */
export function readProcStat(
  cpus: string | undefined,
  files: Pick<SystemFiles, 'read'> = systemFiles,
): CpuTimes | Absent {
  const text = files.read('/proc/stat')
  if (text !== undefined) return parseProcStat(text, cpus)
  return {
    absent: process.platform === 'linux' ? '/proc/stat cannot be read' : 'there is no /proc/stat on this system',
  }
}

/** As `readProcStat`, from its text. */
export function parseProcStat(text: string, cpus: string | undefined): CpuTimes | Absent {
  const wanted = cpus === undefined ? undefined : new Set(parseCpuList(cpus))
  let busy = 0
  let steal = 0
  let count = 0
  for (const line of text.split('\n')) {
    const match = /^cpu(\d+) (.*)$/.exec(line)
    if (match === null || (wanted !== undefined && !wanted.has(Number(match[1])))) continue
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = (match[2] ?? '')
      .split(' ')
      .map(Number)
    busy += user + nice + system + irq + softirq
    steal += stolen
    count++
  }
  if (count === 0 || (wanted !== undefined && count < wanted.size)) {
    return { absent: `/proc/stat does not list CPUs ${cpus ?? ''}`.trim() }
  }
  return { busyUs: busy * tickUs, stealUs: steal * tickUs, cpus: count }
}
