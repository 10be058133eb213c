import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'
import { type SystemFiles, systemFiles } from './system-files.ts'

/** A process that can be told from another one that was given the same pid later. */
export const processIdentitySchema = z.object({ pid: z.int().positive(), startTime: z.string() })
export type ProcessIdentity = z.infer<typeof processIdentitySchema>

/**
 * When a process started, as an opaque text: clock ticks since boot (Linux, proc(5) field 22) or `ps` lstart (macOS).
 * Undefined when there is no such process (a zombie counts as none).
 */
export function processStartTime(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = systemFiles.read(`/proc/${pid}/stat`)
    if (stat === undefined) return undefined
    // The name in parentheses may itself hold spaces and parentheses: count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  }
  const answer = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  const text = answer.status === 0 ? answer.stdout.trim() : ''
  return text === '' ? undefined : text
}

/** The identity of a running process; undefined when there is none with this pid. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startTime = processStartTime(pid)
  return startTime === undefined ? undefined : { pid, startTime }
}

/** Whether the very process that was identified still runs: same pid and same start time. */
export const isStillRunning = (identity: ProcessIdentity): boolean =>
  processStartTime(identity.pid) === identity.startTime

/** Which boot of the machine this is: pids and ticks of another boot mean nothing. */
export const bootId = (): string => systemFiles.read('/proc/sys/kernel/random/boot_id') ?? 'unknown'

/**
 * Which machine this is, as a hash: homes are shared, and what runs on another machine cannot be judged from here.
 *
 * @param files those of the machine
 */
export const machineFingerprint = (files: SystemFiles = systemFiles): string =>
  createHash('sha256')
    .update(files.read('/etc/machine-id') || hostname())
    .digest('hex')

/** Which pid namespace this process sees: a container's pids are not the host's. */
export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return 'unknown'
  }
}

/** Ends the very process that was identified: SIGQUIT (immediate shutdown for Postgres), after 5 s SIGKILL. */
export async function endProcess(identity: ProcessIdentity): Promise<void> {
  for (let waitedMs = 0; isStillRunning(identity); waitedMs += 50) {
    if (waitedMs === 0 || waitedMs === 5000) {
      try {
        process.kill(identity.pid, waitedMs === 0 ? 'SIGQUIT' : 'SIGKILL')
      } catch {
        // Gone in the meantime, or not ours to end: either way there is nothing more to do.
        return
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
