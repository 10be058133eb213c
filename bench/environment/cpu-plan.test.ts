import { describe, expect, test } from 'vitest'
import { formatCpuList, parseCpuList } from './cpu-list.ts'
import { planCpus, serverCoresFor } from './cpu-plan.ts'
import { fakeSystemFiles } from './system-files.fixture.ts'
import { readTopology } from './topology.ts'

const machine = (siblings: Readonly<Record<number, string>>, allowed: string, extra: Record<string, string> = {}) =>
  fakeSystemFiles({
    '/proc/self/status': `Name:\tnode\nCpus_allowed_list:\t${allowed}\n`,
    ...Object.fromEntries(
      Object.entries(siblings).map(([cpu, list]) => [
        `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`,
        list,
      ]),
    ),
    ...extra,
  })
const plan = (...args: Parameters<typeof machine>) => planCpus(readTopology(machine(...args)), true)

test('CPU lists are read as the kernel writes them and written in their shortest form', () => {
  expect(parseCpuList('0-2,5\n')).toEqual([0, 1, 2, 5])
  expect(parseCpuList('nonsense')).toEqual([])
  expect(formatCpuList([5, 0, 2, 1, 7, 8])).toBe('0-2,5,7-8')
})

describe('the CPU plan', () => {
  test('on two cores puts servers and Postgres together on the last and the driver on the first', () => {
    expect(plan({ 0: '0', 1: '1' }, '0-1')).toEqual({
      driver: '0',
      servers: '1',
      database: '1',
      serversShareWithDatabase: true,
    })
  })

  test('on four cores gives each side its own', () => {
    expect(plan({ 0: '0', 1: '1', 2: '2', 3: '3' }, '0-3')).toEqual({
      driver: '0',
      database: '1',
      servers: '3',
      serversShareWithDatabase: false,
    })
  })

  test('does not take hyper-thread siblings for cores', () => {
    expect(plan({ 0: '0-1', 1: '0-1' }, '0-1')).toHaveProperty('absent')
    expect(plan({ 0: '0,2', 1: '1,3', 2: '0,2', 3: '1,3' }, '0-3')).toMatchObject({
      driver: '0',
      servers: '1',
      database: '1',
    })
  })

  test('uses only CPUs of the affinity mask', () => {
    expect(plan({ 4: '4', 5: '5', 6: '6' }, '4-6')).toMatchObject({ driver: '4', database: '5', servers: '6' })
  })

  test('is absent with its reason on one core, without taskset, off Linux and under a small quota', () => {
    expect(plan({ 0: '0' }, '0')).toEqual({ absent: expect.stringContaining('1 core') })
    expect(planCpus(readTopology(machine({ 0: '0', 1: '1' }, '0-1')), false)).toEqual({
      absent: expect.stringContaining('taskset'),
    })
    expect(planCpus(readTopology(fakeSystemFiles({})), true)).toEqual({ absent: expect.stringContaining('Linux only') })
    const limited = { '/proc/self/cgroup': '0::/box', '/sys/fs/cgroup/box/cpu.max': '150000 100000' }
    expect(plan({ 0: '0', 1: '1', 2: '2' }, '0-2', limited)).toEqual({ absent: expect.stringContaining('1.5 CPUs') })
  })

  test('uses no more cores than a quota pays for', () => {
    const limited = {
      '/proc/self/cgroup': '4:cpu,cpuacct:/box',
      '/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us': '200000',
      '/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us': '100000',
    }
    expect(plan({ 0: '0', 1: '1', 2: '2', 3: '3' }, '0-3', limited)).toMatchObject({ servers: '1', database: '1' })
  })

  test('takes "max" and -1 for no limit', () => {
    const free = { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': 'max 100000' }
    expect(readTopology(machine({ 0: '0' }, '0', free))?.quotaCpus).toBeUndefined()
  })

  test('refuses several server cores where they cannot be had', () => {
    const three = readTopology(machine({ 0: '0', 1: '1', 2: '2' }, '0-2'))
    expect(planCpus(three, true, 2)).toEqual({ absent: expect.stringContaining('not measurable on 3 cores') })
  })

  test('gives app instances a core each, or what is left besides Postgres and driver, but two at least', () => {
    const cores = (count: number, instances: number) => {
      const all = Array.from({ length: count }, (_, cpu) => [cpu, String(cpu)] as const)
      const topology = readTopology(machine(Object.fromEntries(all), `0-${count - 1}`))
      return serverCoresFor(instances, (serverCores) => planCpus(topology, true, serverCores))
    }
    expect(cores(8, 2)).toBe(2)
    expect(cores(8, 4)).toBe(4)
    expect(cores(5, 4)).toBe(3)
    expect(cores(4, 6)).toBe(2)
    expect(cores(3, 2)).toEqual({ absent: expect.stringContaining('not measurable on 3 cores') })
    expect(cores(2, 2)).toEqual({ absent: expect.stringContaining('not measurable on 2 cores') })
  })
})
