import { parseCpuList } from './cpu-list.ts'
import { type SystemFiles, systemFiles } from './system-files.ts'

/** The CPUs this process may use, as cores. */
export interface Topology {
  /** Each core's usable logical CPUs (hyper-thread siblings together), cores and CPUs ascending. */
  readonly cores: readonly (readonly number[])[]
  /** How many CPUs' worth of time the control groups grant; undefined: no limit. */
  readonly quotaCpus: number | undefined
}

/**
 * Reads cores, siblings, affinity mask and control-group limits. Read it before pinning anything: pinning changes the
 * mask. Undefined off Linux.
 */
export function readTopology(files: SystemFiles = systemFiles): Topology | undefined {
  const mask = /^Cpus_allowed_list:\s*(\S+)/m.exec(files.read('/proc/self/status') ?? '')?.[1]
  if (mask === undefined) return undefined
  const allowed = parseCpuList(mask)
  const cores = new Map<string, number[]>()
  for (const cpu of allowed) {
    const folder = `/sys/devices/system/cpu/cpu${cpu}/topology`
    // Without topology (some containers hide /sys) each CPU counts as a core.
    const siblings = files.read(`${folder}/thread_siblings_list`) ?? String(cpu)
    const core = cores.get(siblings)
    if (core === undefined) cores.set(siblings, [cpu])
    else core.push(cpu)
  }
  return { cores: [...cores.values()], quotaCpus: cgroupQuota(files) }
}

/** CPUs' worth of time granted by the tightest control group above this process, version 2 or 1; undefined: no limit. */
export function cgroupQuota(files: SystemFiles = systemFiles): number | undefined {
  const quotas: number[] = []
  for (const line of (files.read('/proc/self/cgroup') ?? '').split('\n')) {
    const [id, controllers = '', path = '/'] = line.split(':')
    const unified = id === '0' && controllers === ''
    if (!unified && !controllers.split(',').includes('cpu')) continue
    const root = unified ? '/sys/fs/cgroup' : `/sys/fs/cgroup/${controllers}`
    for (const folder of [...foldersUpTo(root, path), ...(unified ? [] : foldersUpTo('/sys/fs/cgroup/cpu', path))]) {
      const quota = unified
        ? ratio(...split(files.read(`${folder}/cpu.max`)))
        : ratio(files.read(`${folder}/cpu.cfs_quota_us`), files.read(`${folder}/cpu.cfs_period_us`))
      if (quota !== undefined) quotas.push(quota)
    }
  }
  return quotas.length === 0 ? undefined : Math.min(...quotas)
}

const split = (text: string | undefined): [string | undefined, string | undefined] => {
  const [quota, period] = (text ?? '').split(' ')
  return [quota, period]
}

function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const cpus = Number(quota) / Number(period)
  // `max` (v2) and -1 (v1) mean no limit.
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined
}

function foldersUpTo(root: string, path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return [root, ...parts.map((_, i) => `${root}/${parts.slice(0, i + 1).join('/')}`)]
}
