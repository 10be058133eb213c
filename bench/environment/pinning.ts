import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Absent } from '../record/slice.ts'

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
