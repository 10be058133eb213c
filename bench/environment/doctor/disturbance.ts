import { readProcStat } from '../proc-stat.ts'
import { type DoctorCheck, good, hurts, unknown } from './finding.ts'

/** Above this many runnable processes on average, something else is at work: an idle machine is near 0. */
const idleLoad = 0.5

export const load: DoctorCheck = {
  id: 'load',
  title: 'Other load',
  check(probe) {
    const text = `Load average of the last minute: ${probe.loadAverage.toFixed(2)} on ${probe.logicalCpus} CPUs.`
    return probe.loadAverage <= idleLoad
      ? good(text)
      : hurts(text, 'Stop what else is running (see top), or wait a minute if it has just ended.')
  },
}

export const steal: DoctorCheck = {
  id: 'steal',
  title: 'CPU steal',
  async check(probe) {
    const before = readProcStat(undefined, probe.files)
    // A second is 100 ticks per CPU: enough to see one per cent.
    await probe.wait(1000)
    const after = readProcStat(undefined, probe.files)
    if ('absent' in before) return unknown(`Steal cannot be read: ${before.absent}.`)
    if ('absent' in after) return unknown(`Steal cannot be read: ${after.absent}.`)
    const share = (after.stealUs - before.stealUs) / (after.cpus * 1_000_000)
    const text = `The hypervisor gave ${(share * 100).toFixed(1)} % of this machine's CPU time to others in the last second.`
    return share < 0.005
      ? good(text)
      : hurts(text, 'Use a dedicated machine or instance type, or measure at a quieter hour.')
  },
}

export const swap: DoctorCheck = {
  id: 'swap',
  title: 'Swap',
  async check(probe) {
    const read = (): number | undefined => {
      const text = probe.files.read('/proc/vmstat')
      const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text ?? '')?.[1] ?? 0)
      return text === undefined ? undefined : value('pswpin') + value('pswpout')
    }
    const before = read()
    if (before === undefined) return unknown('Swapping cannot be read on this system.')
    await probe.wait(1000)
    const pages = (read() ?? before) - before
    if (pages > 0)
      return hurts(
        `${pages} pages were swapped in the last second.`,
        'Free memory: close programs, or use fewer --sessions.',
      )
    const used = Number(/^SwapTotal:\s+(\d+)/m.exec(probe.files.read('/proc/meminfo') ?? '')?.[1] ?? 0)
    return good(used === 0 ? 'No swap is configured.' : 'Nothing was swapped in the last second.')
  },
}

/** A core of one's own does the same work in the same time, but for some per cent. */
const tolerableSlowdown = 0.1

/** Between two seconds of a core with nothing else to do and the best of a run: its clock and caches wake up for each piece of work. */
const tolerableWhenIdle = 0.2

export const coreSpeed: DoctorCheck = {
  id: 'core-speed',
  title: 'Core speed',
  async check(probe) {
    const workUs = await probe.coreSpeeds()
    if ('absent' in workUs) return unknown(`The speed of the servers' cores cannot be sampled: ${workUs.absent}.`)
    const [fastest, slowest] = [Math.min(...workUs), Math.max(...workUs)]
    const known = probe.undisturbedWorkUs
    const earlier = known === undefined ? '' : ` At its best in earlier runs here: ${known.toFixed(0)} us.`
    const text = `The same work took the servers' core ${fastest.toFixed(0)} to ${slowest.toFixed(0)} us of CPU within two seconds.${earlier}`
    return slowest <= (1 + tolerableSlowdown) * fastest && fastest <= (1 + tolerableWhenIdle) * (known ?? fastest)
      ? good(text)
      : hurts(
          text,
          'Use a machine of your own, or another hour: a neighbour has a share of the core, or it changes its frequency. Figures of CPU are put at one speed; throughput and latency are not.',
        )
  },
}

/** A busy core of a machine of its own loses some hundredths of a per cent to interrupts. */
const tolerableInterrupts = 0.01

export const interrupts: DoctorCheck = {
  id: 'interrupts',
  title: 'Interrupts',
  check(probe) {
    const { elapsedMs, stopsMs, timesPutAside } = probe.spin(300)
    // The longest stops are those in which somebody else had the core: no interrupt takes as long as a turn of that.
    const byInterrupts = stopsMs.toSorted((a, b) => b - a).slice(timesPutAside)
    const lostMs = byInterrupts.reduce((sum, ms) => sum + ms, 0)
    const share = lostMs / elapsedMs
    const perSecond = (byInterrupts.length * 1000) / elapsedMs
    const eachUs = byInterrupts.length === 0 ? 0 : (lostMs * 1000) / byInterrupts.length
    const text = `A busy core lost ${(share * 100).toFixed(2)} % of its time to interrupts (${perSecond.toFixed(0)} a second of ${eachUs.toFixed(0)} us).`
    return share < tolerableInterrupts
      ? good(text)
      : hurts(
          text,
          'They are charged to whoever runs: all CPU figures are too high by about this share, comparisons of them are not. Virtual machines with slow timers have this; bare metal has not.',
        )
  },
}
