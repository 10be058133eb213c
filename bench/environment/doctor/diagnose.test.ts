import { describe, expect, test } from 'vitest'
import { fakeSystemFiles } from '../system-files.fixture.ts'
import { cores, cpuLimits, pinning, siblings } from './cores.ts'
import { databaseClients, dockerProxy } from './database.ts'
import { diagnose, doctorChecks } from './diagnose.ts'
import { coreSpeed, interrupts, load, steal, swap } from './disturbance.ts'
import type { Probe } from './finding.ts'
import { clockSource, frequency, interruptAccounting, virtual } from './platform.ts'
import { renderFindings } from './render.ts'

const probe = (files: Record<string, string>, part: Partial<Probe> = {}): Probe => ({
  platform: 'linux',
  files: fakeSystemFiles({ '/proc/self/status': 'Cpus_allowed_list:\t0-3', ...files }),
  tasksetAvailable: true,
  loadAverage: 0.1,
  logicalCpus: 4,
  kernel: '6.1.0',
  wait: async () => undefined,
  spin: (ms) => ({ elapsedMs: ms, stopsMs: [0.003], timesPutAside: 0 }),
  coreSpeeds: async () => [48, 49, 50, 48],
  undisturbedWorkUs: undefined,
  postgresUrl: undefined,
  ...part,
})
const cpu = '/sys/devices/system/cpu'

describe('the doctor', () => {
  test('finds load, frequency scaling, a slow clock and missing taskset, each with a remedy', async () => {
    const found = [
      await load.check(probe({}, { loadAverage: 3 })),
      await frequency.check(probe({ [`${cpu}/cpu0/cpufreq/scaling_governor`]: 'powersave' })),
      await frequency.check(
        probe({ [`${cpu}/cpu0/cpufreq/scaling_governor`]: 'performance', [`${cpu}/cpufreq/boost`]: '1' }),
      ),
      await clockSource.check(probe({ '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'hpet' })),
      await pinning.check(probe({}, { tasksetAvailable: false })),
      await cpuLimits.check(probe({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '250000 100000' })),
      await dockerProxy.check(probe({ '/proc/77/comm': 'docker-proxy' })),
      await databaseClients.check(probe({ '/proc/77/comm': 'postgres' })),
      await interruptAccounting.check(
        probe({ '/boot/config-6.1.0': 'CONFIG_VIRT_CPU_ACCOUNTING_GEN=y\n# CONFIG_IRQ_TIME_ACCOUNTING is not set' }),
      ),
    ]
    for (const finding of found) {
      expect(finding.state).toBe('hurts')
      expect(finding.remedy).not.toBe('')
    }
  })

  test('tells interrupts from other processes that had the core', async () => {
    const thousandASecond = Array.from({ length: 300 }, () => 0.05)
    const spinning = (stopsMs: number[], timesPutAside: number) =>
      probe({}, { spin: (ms) => ({ elapsedMs: ms, stopsMs, timesPutAside }) })
    const found = await interrupts.check(spinning(thousandASecond, 0))
    expect(found).toMatchObject({ state: 'hurts', detail: expect.stringContaining('lost 5.00 %') })
    expect(found.detail).toContain('(1000 a second of 50 us)')
    // Two turns of another process are no interrupts, however long they were.
    expect(await interrupts.check(spinning([0.003, 4, 8], 2))).toMatchObject({ state: 'good' })
    expect(await interrupts.check(spinning([0.003, 4, 8], 0))).toMatchObject({ state: 'hurts' })
  })

  test('finds a core that takes longer for the same work at times', async () => {
    const speeds = (workUs: number[]) => probe({}, { coreSpeeds: async () => workUs })
    expect(await coreSpeed.check(speeds([48, 49, 52, 48]))).toMatchObject({ state: 'good' })
    expect(await coreSpeed.check(speeds([48, 49, 54, 48]))).toMatchObject({
      state: 'hurts',
      detail: expect.stringContaining('48 to 54 us'),
    })
    const steady = (undisturbedWorkUs: number) => probe({}, { undisturbedWorkUs })
    expect(await coreSpeed.check(steady(45))).toMatchObject({ state: 'good' })
    expect(await coreSpeed.check(steady(35))).toMatchObject({
      state: 'hurts',
      detail: expect.stringContaining('At its best in earlier runs here: 35 us'),
    })
    const unseen = probe({}, { coreSpeeds: async () => ({ absent: 'nothing is pinned' }) })
    expect(await coreSpeed.check(unseen)).toMatchObject({ state: 'unknown' })
  })

  test('finds too few cores, threads of one core that nothing keeps apart, and a hypervisor', async () => {
    const allowed = (list: string) => ({ '/proc/self/status': `Cpus_allowed_list:\t${list}` })
    const threads = Object.fromEntries(
      [0, 1, 2, 3].map((id) => [`${cpu}/cpu${id}/topology/thread_siblings_list`, id < 2 ? '0-1' : '2-3']),
    )
    expect(await cores.check(probe(allowed('0')))).toMatchObject({
      state: 'hurts',
      detail: expect.stringMatching(/^1 core:/),
    })
    expect(await cores.check(probe(allowed('0-1')))).toMatchObject({
      state: 'hurts',
      detail: expect.stringMatching(/^2 cores:/),
    })
    // Four CPUs, but two cores.
    expect(await cores.check(probe(threads))).toMatchObject({
      state: 'hurts',
      detail: expect.stringMatching(/^2 cores:/),
    })
    expect(await cores.check(probe({}))).toMatchObject({ state: 'good' })
    const loose = await siblings.check(probe(threads, { tasksetAvailable: false }))
    expect(loose).toMatchObject({
      state: 'hurts',
      detail: expect.stringMatching(/^2 cores have siblings/),
      remedy: expect.stringMatching(/taskset/),
    })
    expect(await siblings.check(probe(threads))).toMatchObject({ state: 'good' })
    for (const files of [
      { '/proc/cpuinfo': 'flags\t\t: fpu hypervisor sse' },
      { '/sys/hypervisor/type': 'xen' },
      { '/sys/class/dmi/id/sys_vendor': 'QEMU' },
    ]) {
      expect(await virtual.check(probe(files))).toMatchObject({
        state: 'hurts',
        detail: expect.stringMatching(/virtual machine/),
      })
    }
    expect(await virtual.check(probe({ '/proc/cpuinfo': 'flags\t\t: fpu sse' }))).toMatchObject({ state: 'good' })
  })

  test('finds steal and swapping from what the counters grew by in a second', async () => {
    const growing = (path: string, before: string, after: string): Probe => {
      let text = before
      const fake = fakeSystemFiles({})
      return probe(
        {},
        {
          files: { ...fake, read: (asked) => (asked === path ? text : fake.read(asked)) },
          wait: async () => {
            text = after
          },
        },
      )
    }
    // Ticks of 10 ms: user nice system idle iowait irq softirq steal.
    const stolen = (ticks: number): string => `cpu  0 0 0 0 0 0 0 ${ticks}\ncpu0 5 0 5 90 0 0 0 ${ticks}\n`
    const three = await steal.check(growing('/proc/stat', stolen(700), stolen(703)))
    expect(three).toMatchObject({
      state: 'hurts',
      detail: expect.stringMatching(/gave 3\.0 %/),
      remedy: expect.stringMatching(/dedicated machine/),
    })
    expect(await steal.check(growing('/proc/stat', stolen(700), stolen(700)))).toMatchObject({ state: 'good' })
    const swapped = (pages: number): string => `pgpgin 9\npswpin ${pages}\npswpout 4\n`
    const twelve = await swap.check(growing('/proc/vmstat', swapped(10), swapped(22)))
    expect(twelve).toMatchObject({
      state: 'hurts',
      detail: expect.stringMatching(/^12 pages/),
      remedy: expect.stringMatching(/Free memory/),
    })
    expect(await swap.check(growing('/proc/vmstat', swapped(10), swapped(10)))).toMatchObject({ state: 'good' })
  })

  test('finds a quiet, pinned machine good', async () => {
    expect(await load.check(probe({}))).toMatchObject({ state: 'good' })
    expect(await pinning.check(probe({}))).toMatchObject({ state: 'good' })
    expect(await siblings.check(probe({}))).toMatchObject({ state: 'good' })
    expect(await interrupts.check(probe({}))).toMatchObject({ state: 'good' })
    expect(await databaseClients.check(probe({}))).toMatchObject({ state: 'good' })
  })

  test('says "unknown" rather than "good" where a system does not tell', async () => {
    expect(await frequency.check(probe({}))).toMatchObject({ state: 'unknown' })
    expect(await interruptAccounting.check(probe({}))).toMatchObject({ state: 'unknown' })
    expect(await steal.check(probe({}))).toMatchObject({ state: 'unknown' })
    expect(await swap.check(probe({}))).toMatchObject({ state: 'unknown' })
  })

  test('reports every check once, also when one fails', async () => {
    const broken = probe({}, { wait: () => Promise.reject(new Error('canary')) })
    const findings = await diagnose({ probe: broken })
    expect(findings.map((finding) => finding.id)).toEqual(doctorChecks.map((check) => check.id))
    expect(findings.find((finding) => finding.id === 'steal')).toMatchObject({ state: 'unknown' })
    expect(JSON.stringify(findings)).not.toContain('canary')
  })

  test('finds a database that was named and does not answer, without a word of its address', async () => {
    const found = await databaseClients.check(probe({}, { postgresUrl: 'postgres://me:canary@127.0.0.1:1/db' }))
    expect(found).toMatchObject({
      state: 'hurts',
      detail: expect.stringContaining('Cannot reach the database on port 1'),
    })
    expect(JSON.stringify(found)).not.toContain('canary')
  })
})

test('the terminal text shows remedies below what hurts and counts', () => {
  const text = renderFindings([
    { id: 'a', title: 'Cores', state: 'good', detail: 'fine', remedy: '' },
    { id: 'b', title: 'Swap', state: 'hurts', detail: 'busy', remedy: 'free memory' },
  ])
  expect(text).toMatch(/^ok {5}Cores {2}fine\nHURTS {2}Swap {3}busy\n +-> free memory\n/)
  expect(text).toContain('1 of 2 hurt measuring')
})
