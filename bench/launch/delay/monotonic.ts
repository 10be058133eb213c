/** Microseconds of the system's monotonic clock: the same in every thread of a process, unlike `performance.now()`. */
export const monotonicUs = (): number => Number(process.hrtime.bigint()) / 1000
