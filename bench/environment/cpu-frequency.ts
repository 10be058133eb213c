import { median } from '../statistics/samples.ts'
import { parseCpuList } from './cpu-list.ts'
import { type SystemFiles, systemFiles } from './system-files.ts'

/**
 * The frequency that some CPUs run at this moment, on average, kHz (the kernel's `scaling_cur_freq`).
 *
 * @param cpus a list as `taskset -c` takes it
 * @returns undefined where the kernel does not show it, as in most virtual machines.
 */
export function cpuFrequencyKhz(cpus: string, files: SystemFiles = systemFiles): number | undefined {
  const shown = parseCpuList(cpus).map((cpu) =>
    Number(files.read(`/sys/devices/system/cpu/cpu${cpu}/cpufreq/scaling_cur_freq`) ?? Number.NaN),
  )
  const sum = shown.reduce((total, khz) => total + khz, 0)
  return shown.length > 0 && Number.isFinite(sum) && sum > 0 ? sum / shown.length : undefined
}

/** Readings before a deviation can be told. */
const fewestReadings = 3

/** Follows the frequency under load over a run. */
export interface FrequencyWatch {
  /**
   * Reads it, to be called while the cores are as fast as load makes them.
   *
   * @returns this reading over the median of the earlier ones; undefined where there are too few, or none can be had.
   */
  ratio(): number | undefined
}

/** @param read kHz, or undefined where the machine does not show it */
export function watchFrequency(read: () => number | undefined): FrequencyWatch {
  const readings: number[] = []
  return {
    ratio() {
      const khz = read()
      if (khz === undefined) return undefined
      const usual = readings.length < fewestReadings ? undefined : median(readings)
      readings.push(khz)
      return usual === undefined ? undefined : khz / usual
    },
  }
}
