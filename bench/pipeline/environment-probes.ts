import { cpuFrequencyKhz, watchFrequency } from '../environment/cpu-frequency.ts'
import { parseCpuList } from '../environment/cpu-list.ts'
import type { CpuPlan } from '../environment/cpu-plan.ts'
import type { DatabaseCounters } from '../environment/database-counters.ts'
import { readProcStat } from '../environment/proc-stat.ts'
import type { Probes } from '../measure/probes.ts'
import type { Absent } from '../record/slice.ts'
import { applicationNamePrefix } from './started-server.ts'

/** Other clients count as active when they were within the last slice. */
const foreignWindowMs = 200

/**
 * What is read around each slice.
 *
 * @param counters a new object after Postgres was restarted
 * @param coreSpeed samples how fast the servers' cores are; absent where nothing is pinned
 * @param shared others may use this database too, so that their activity is looked for
 */
export function makeProbes(
  counters: () => Pick<DatabaseCounters, 'backendCpu' | 'backgroundActivity' | 'otherClients'>,
  shared: boolean,
  cpus: CpuPlan | Absent,
  coreSpeed?: Probes['coreSpeed'],
): Probes {
  const watch = 'absent' in cpus ? undefined : watchFrequency(() => cpuFrequencyKhz(cpus.servers))
  return {
    ...(watch === undefined ? {} : { frequencyRatio: () => watch.ratio() }),
    ...(coreSpeed === undefined ? {} : { coreSpeed }),
    sharedCores: 'absent' in cpus ? undefined : cpus.serversShareWithDatabase,
    serverCores: 'absent' in cpus ? undefined : parseCpuList(cpus.servers).length,
    async database(applicationName) {
      const cpu = await counters().backendCpu(applicationName)
      if ('absent' in cpu) return cpu
      const activity = await counters().backgroundActivity()
      // Servers of this run that are not being measured are no strangers, however lately they were at work.
      const others = shared ? await counters().otherClients([applicationNamePrefix], foreignWindowMs) : 0
      return {
        backends: cpu.backends,
        helpersNs: cpu.helpersNs,
        checkpoints: activity.checkpoints,
        checkpointing: activity.checkpointing,
        autovacuumActive: activity.autovacuumWorkers > 0,
        foreignBackends: typeof others === 'number' ? others : 0,
      }
    },
    machine: machineProbe(cpus),
  }
}

/** Where nothing is pinned, driver and harness are in the time of every core: nothing of it is the servers'. */
function machineProbe(cpus: CpuPlan | Absent): Probes['machine'] {
  if ('absent' in cpus) return () => ({ absent: 'nothing is pinned: there are no cores of the servers' })
  const serverCpus = [...new Set([cpus.servers, cpus.database])].join(',')
  return () => {
    const times = readProcStat(serverCpus)
    return 'absent' in times ? times : { busyUs: times.busyUs, stealUs: times.stealUs, cores: times.cpus }
  }
}
