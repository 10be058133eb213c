import { spawnSync } from 'node:child_process'
import type { Absent } from '../record/slice.ts'
import { formatCpuList } from './cpu-list.ts'
import { readTopology, type Topology } from './topology.ts'

/** Which CPUs each side gets, as `taskset -c` and `CpusetCpus` take them. */
export interface CpuPlan {
  readonly servers: string
  readonly database: string
  /** Driver and harness. */
  readonly driver: string
  /** Two cores only: servers and Postgres share one, so saturation is not capacity. */
  readonly serversShareWithDatabase: boolean
}

/**
 * Decides who runs where. Two cores: driver and harness on the first, servers and Postgres together on the last
 * (Postgres beside the awake driver gave a p99 of 3 ms). Three or more: each its own. Of a core with hyper-threads one
 * thread is used and its sibling left idle: siblings are not cores.
 *
 * @param serverCores cores for the servers, 1 unless several app instances or capacity are measured.
 * @returns absent, with the reason, where cores cannot be kept apart.
 */
export function planCpus(topology: Topology | undefined, tasksetAvailable: boolean, serverCores = 1): CpuPlan | Absent {
  if (topology === undefined) return { absent: 'processes can be pinned on Linux only' }
  if (!tasksetAvailable) return { absent: 'taskset is not installed (package util-linux)' }
  const { cores, quotaCpus } = topology
  if (cores.length < 2) return { absent: 'not measurable on 1 core: driver and servers share it' }
  if (quotaCpus !== undefined && quotaCpus < 2) {
    return { absent: `a control group limits this process to ${quotaCpus.toFixed(1)} CPUs: cores cannot be kept apart` }
  }
  // A quota below the number of cores is spent wherever they run: no more cores are used than it pays for.
  const usable = cores.slice(0, quotaCpus === undefined ? cores.length : Math.floor(quotaCpus))
  const thread = (core: readonly number[] | undefined): number => core?.[0] ?? 0
  const driver = thread(usable[0])
  if (usable.length === 2) {
    if (serverCores > 1)
      return { absent: 'not measurable on 2 cores: several server cores need one each for Postgres and driver besides' }
    const shared = formatCpuList([thread(usable[1])])
    return { servers: shared, database: shared, driver: String(driver), serversShareWithDatabase: true }
  }
  if (usable.length < serverCores + 2) {
    return {
      absent: `not measurable on ${usable.length} cores: ${serverCores} server cores need one each for Postgres and driver besides`,
    }
  }
  return {
    servers: formatCpuList(usable.slice(-serverCores).map(thread)),
    database: String(thread(usable[1])),
    driver: String(driver),
    serversShareWithDatabase: false,
  }
}

/** The plan for this machine. Ask before anything is pinned. */
export const planCpusHere = (serverCores = 1): CpuPlan | Absent => planCpus(readTopology(), hasTaskset(), serverCores)

/**
 * Cores for the servers when so many app instances share them: one each, or as many as are left besides one each for
 * Postgres and driver, but at least two: on one core instances only take it from each other.
 *
 * @param planWith the plan for so many server cores; a test gives another machine's.
 * @returns absent, with the reason, where two cannot be had.
 */
export function serverCoresFor(instances: number, planWith = planCpusHere): number | Absent {
  for (let cores = instances; cores > 2; cores--) if (!('absent' in planWith(cores))) return cores
  const two = planWith(2)
  return 'absent' in two ? two : 2
}

/** Whether `taskset` can be run. */
export const hasTaskset = (): boolean =>
  process.platform === 'linux' && spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0
