import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Absent } from '../record/slice.ts'
import { type SystemFiles, systemFiles } from './system-files.ts'

const run = promisify(execFile)

/**
 * Moves all threads of a process to some CPUs; threads and processes it starts later inherit them.
 *
 * @param cpus a list as `taskset -c` takes it.
 * @returns undefined, or absent with the reason.
 */
export async function pinProcess(pid: number, cpus: string): Promise<Absent | undefined> {
  if (process.platform !== 'linux') return { absent: 'processes can be pinned on Linux only' }
  try {
    await run('taskset', ['-a', '-c', '-p', cpus, String(pid)])
    return undefined
  } catch (error) {
    const text = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)
    return { absent: `taskset could not pin process ${pid}: ${text}` }
  }
}

/**
 * Moves a process and everything below it: for Postgres the postmaster and the backends there are; new ones inherit.
 * A child that ends meanwhile is no failure; the process itself is.
 */
export async function pinProcessTree(pid: number, cpus: string): Promise<Absent | undefined> {
  // The parent first: whatever it starts from now on is pinned already.
  const failure = await pinProcess(pid, cpus)
  if (failure !== undefined) return failure
  for (const child of descendants(pid)) await pinProcess(child, cpus)
  return undefined
}

/** The pids of all processes below one, parents before children. */
export function descendants(pid: number, files: SystemFiles = systemFiles): readonly number[] {
  const children = new Map<number, number[]>()
  for (const name of files.list('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = files.read(`/proc/${name}/stat`)
    if (stat === undefined) continue
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found: number[] = []
  const queue = [pid]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const below = children.get(next) ?? []
    found.push(...below)
    queue.push(...below)
  }
  return found
}
