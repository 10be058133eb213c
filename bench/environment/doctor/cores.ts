import { planCpus } from '../cpu-plan.ts'
import { readTopology } from '../topology.ts'
import { type DoctorCheck, good, hurts, unknown } from './finding.ts'

export const cores: DoctorCheck = {
  id: 'cores',
  title: 'Cores',
  check(probe) {
    const topology = readTopology(probe.files)
    const count = topology?.cores.length ?? probe.logicalCpus
    if (count < 2)
      return hurts(
        '1 core: driver, servers and Postgres take turns on it.',
        'Measure on a machine with 3 cores or more.',
      )
    if (count === 2)
      return hurts(
        '2 cores: servers and Postgres share one, so a look-up costs more than with a core each, and saturation is not capacity.',
        'Compare tokens with one another; for what a session costs beside them, and for capacity, measure with 4 cores.',
      )
    return good(`${count} cores: driver, Postgres and servers each get their own.`)
  },
}

export const siblings: DoctorCheck = {
  id: 'siblings',
  title: 'Hyper-threads',
  check(probe) {
    const topology = readTopology(probe.files)
    if (topology === undefined) return unknown('Siblings cannot be read on this system.')
    const shared = topology.cores.filter((core) => core.length > 1).length
    if (shared === 0) return good('No two CPUs in use share a core (as far as a virtual machine tells).')
    if (!('absent' in planCpus(topology, probe.tasksetAvailable))) {
      return good(`${shared} cores have siblings; one thread of each is used and the other left idle.`)
    }
    return hurts(
      `${shared} cores have siblings, and nothing keeps measured processes off the same core.`,
      'Install taskset (util-linux), or switch hyper-threads off in the firmware.',
    )
  },
}

export const pinning: DoctorCheck = {
  id: 'pinning',
  title: 'Pinning to cores',
  check(probe) {
    if (probe.platform !== 'linux') {
      return hurts(
        'Processes cannot be pinned on this system: intervals are wider.',
        'Measure on Linux for narrow intervals.',
      )
    }
    if (!probe.tasksetAvailable) return hurts('taskset is not installed.', 'Install the package util-linux.')
    const plan = planCpus(readTopology(probe.files), true)
    if ('absent' in plan) return hurts(`Nothing will be pinned: ${plan.absent}.`, 'Give this process at least 2 cores.')
    return good(`Driver on CPU ${plan.driver}, servers on ${plan.servers}, Postgres on ${plan.database}.`)
  },
}

export const cpuLimits: DoctorCheck = {
  id: 'cpu-limits',
  title: 'Container CPU limits',
  check(probe) {
    const topology = readTopology(probe.files)
    if (topology === undefined) return unknown('CPU limits cannot be read on this system.')
    if (topology.quotaCpus === undefined) return good('No control group limits CPU time.')
    return hurts(
      `A control group grants ${topology.quotaCpus.toFixed(1)} CPUs' worth of time and stops the process when it is spent.`,
      'Give whole cores instead of a quota (docker run --cpuset-cpus rather than --cpus).',
    )
  },
}
