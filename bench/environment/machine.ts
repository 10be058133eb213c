import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { EnvironmentRecord } from '../record/environment.ts'
import type { Absent } from '../record/slice.ts'
import { packageRoot } from './compiled-path.ts'
import { type SystemFiles, systemFiles } from './system-files.ts'
import { readTopology } from './topology.ts'

const offLinux: Absent = { absent: 'readable on Linux only' }

/** The machine as the results record it: no host name, no serial number, no path. */
export function describeMachine(files: SystemFiles = systemFiles): EnvironmentRecord['machine'] {
  const linux = platform() === 'linux'
  const processors = cpus()
  const topology = readTopology(files)
  return {
    platform: platform(),
    arch: arch(),
    kernel: release(),
    cpuModel: processors[0]?.model.trim() || 'unknown',
    logicalCpus: Math.max(1, processors.length),
    physicalCores: topology === undefined ? offLinux : topology.cores.length,
    memoryBytes: totalmem(),
    virtualMachine: linux ? virtualMachine(files) : offLinux,
    container: linux ? containerKind(files) : offLinux,
    frequencyGovernor: linux
      ? (files.read('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? {
          absent: 'the kernel shows no frequency governor (usual in virtual machines)',
        })
      : offLinux,
    clockSource: linux
      ? (files.read('/sys/devices/system/clocksource/clocksource0/current_clocksource') ?? {
          absent: 'the kernel does not show its clock source',
        })
      : offLinux,
  }
}

/** `none`, or the hypervisor's name as far as the machine tells. */
export function virtualMachine(files: SystemFiles = systemFiles): string {
  const flagged = /^flags\s*:.*\bhypervisor\b/m.test(files.read('/proc/cpuinfo') ?? '')
  const type = files.read('/sys/hypervisor/type')
  const vendor = files.read('/sys/class/dmi/id/sys_vendor')
  const known = /qemu|kvm|vmware|virtualbox|innotek|xen|microsoft|google|amazon|parallels|firecracker|bochs/i
  if (type !== undefined && type !== '') return type
  if (vendor !== undefined && known.test(vendor) && (flagged || !/microsoft/i.test(vendor))) return vendor
  return flagged ? 'yes (kind not shown)' : 'none'
}

/** `none`, `docker`, `podman`, `kubernetes`, ...: where this process itself runs. */
export function containerKind(files: SystemFiles = systemFiles): string {
  if (files.read('/.dockerenv') !== undefined) return 'docker'
  if (files.read('/run/.containerenv') !== undefined) return 'podman'
  const groups = files.read('/proc/1/cgroup') ?? ''
  const found = /kubepods|docker|lxc|containerd/.exec(groups)?.[0]
  return found === undefined ? 'none' : found === 'kubepods' ? 'kubernetes' : found
}

/**
 * Node as the servers run it.
 *
 * @param flags Node flags given to the servers.
 */
export function describeNode(flags: readonly string[]): EnvironmentRecord['node'] {
  // libuv's default is 4 threads.
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
  return {
    version: process.version,
    v8: process.versions.v8,
    flags: [...flags],
    uvThreadpoolSize: Number.isInteger(threads) && threads > 0 ? threads : 4,
  }
}

const manifestSchema = z.object({
  version: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
})

/** Versions as installed of everything authcost depends on; packages that are not installed are left out. */
export function installedPackages(): Record<string, string> {
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)))
  const read = (path: string): z.infer<typeof manifestSchema> | undefined => {
    try {
      return manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    } catch {
      return undefined
    }
  }
  const own = read(join(root, 'package.json'))
  const require = createRequire(import.meta.url)
  const found: Record<string, string> = {}
  for (const name of Object.keys({ ...own?.dependencies, ...own?.peerDependencies }).sort()) {
    // Not require.resolve of package.json: `exports` hides it in many packages.
    for (const folder of require.resolve.paths(name) ?? []) {
      const version = read(join(folder, name, 'package.json'))?.version
      if (version === undefined) continue
      found[name] = version
      break
    }
  }
  return found
}
