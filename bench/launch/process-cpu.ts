import { type SystemFiles, systemFiles } from '../environment/system-files.ts'
import type { Absent } from '../record/slice.ts'

/**
 * CPU of all living threads of a process since each began, microseconds: the first number of `schedstat`
 * (Documentation/scheduler/sched-stats of the Linux kernel), in nanoseconds there.
 */
export function processCpuUs(pid: number, files: SystemFiles = systemFiles): number | Absent {
  const threads = files.list(`/proc/${pid}/task`)
  if (threads.length === 0) return { absent: `this system does not tell the CPU of process ${pid}` }
  let us = 0
  for (const thread of threads) {
    const ns = Number(files.read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0])
    if (!Number.isFinite(ns)) return { absent: `the CPU of process ${pid} may not be read` }
    us += ns / 1000
  }
  return us
}
