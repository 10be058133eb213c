import { cpus, loadavg, release } from 'node:os'
import { AuthcostError } from '../../../servers/contract/errors.ts'
import { hasTaskset, planCpusHere } from '../cpu-plan.ts'
import { coreKindOf, knownCoreSpeed } from '../known-core-speed.ts'
import { describeMachine } from '../machine.ts'
import { systemFiles } from '../system-files.ts'
import { cores, cpuLimits, pinning, siblings } from './cores.ts'
import { databaseClients, dockerProxy } from './database.ts'
import { coreSpeed, interrupts, load, steal, swap } from './disturbance.ts'
import type { DoctorCheck, Finding, Probe, Spin } from './finding.ts'
import { clockSource, frequency, interruptAccounting, virtual } from './platform.ts'

/** Everything the doctor looks at, in the order shown. */
export const doctorChecks: readonly DoctorCheck[] = [
  cores,
  siblings,
  pinning,
  cpuLimits,
  load,
  steal,
  swap,
  virtual,
  frequency,
  clockSource,
  interruptAccounting,
  interrupts,
  coreSpeed,
  dockerProxy,
  databaseClients,
]

/**
 * Looks at what on this machine hurts measuring. Takes some two seconds, a third of one with one core busy; changes nothing.
 *
 * @param options.coreSpeeds samples the speed of the servers' cores; absent: it is not looked at.
 * @param options.postgresUrl the database that would be measured with, to count its other clients.
 */
export async function diagnose(
  options: { readonly postgresUrl?: string; readonly coreSpeeds?: Probe['coreSpeeds']; readonly probe?: Probe } = {},
): Promise<readonly Finding[]> {
  const probe = options.probe ?? thisMachine(options.postgresUrl, options.coreSpeeds)
  return Promise.all(
    doctorChecks.map(async ({ id, title, check }) => {
      try {
        return { id, title, ...(await check(probe)) }
      } catch (error) {
        // One check that fails must not hide the others. Only our own messages are known to hold no credential.
        const detail = error instanceof AuthcostError ? error.message : 'The check failed.'
        return { id, title, state: 'unknown' as const, detail, remedy: '' }
      }
    }),
  )
}

/** A turn of the loop takes 0.05 us, the shortest interrupt more than one. */
const stoppedMs = 0.002

function spin(ms: number): Spin {
  const stopsMs: number[] = []
  const putAside = (): number => process.resourceUsage().involuntaryContextSwitches
  const [start, putAsideBefore] = [performance.now(), putAside()]
  let last = start
  while (last < start + ms) {
    const now = performance.now()
    if (now - last > stoppedMs) stopsMs.push(now - last)
    last = now
  }
  return { elapsedMs: last - start, stopsMs, timesPutAside: putAside() - putAsideBefore }
}

const thisMachine = (
  postgresUrl: string | undefined,
  coreSpeeds: Probe['coreSpeeds'] = async () => ({ absent: 'it was not asked for' }),
): Probe => ({
  platform: process.platform,
  files: systemFiles,
  tasksetAvailable: hasTaskset(),
  loadAverage: loadavg()[0] ?? 0,
  logicalCpus: cpus().length,
  kernel: release(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  spin,
  coreSpeeds,
  undisturbedWorkUs: undisturbedWorkUs(),
  postgresUrl,
})

function undisturbedWorkUs(): number | undefined {
  const cpus = planCpusHere()
  if ('absent' in cpus) return undefined
  return knownCoreSpeed(coreKindOf(cpus.servers, describeMachine().cpuModel))?.undisturbedWorkUs
}
