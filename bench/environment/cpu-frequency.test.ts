import { expect, test } from 'vitest'
import { cpuFrequencyKhz, watchFrequency } from './cpu-frequency.ts'
import { fakeSystemFiles } from './system-files.fixture.ts'

const at = (cpu: number, khz: string) => ({ [`/sys/devices/system/cpu/cpu${cpu}/cpufreq/scaling_cur_freq`]: khz })

test('the frequency of some CPUs is their mean', () => {
  const files = fakeSystemFiles({ ...at(0, '800000'), ...at(2, '3000000'), ...at(3, '2000000') })
  expect(cpuFrequencyKhz('2-3', files)).toBe(2_500_000)
})

test('it is not known where the kernel shows none, or not of all', () => {
  expect(cpuFrequencyKhz('0', fakeSystemFiles({}))).toBeUndefined()
  expect(cpuFrequencyKhz('0,1', fakeSystemFiles(at(0, '800000')))).toBeUndefined()
})

test('a reading is held against the median of those before it, once there are three', () => {
  const readings = [3000, 3100, 1000, 3000, 1500]
  const watch = watchFrequency(() => readings.shift())
  expect([watch.ratio(), watch.ratio(), watch.ratio()]).toEqual([undefined, undefined, undefined])
  expect(watch.ratio()).toBe(1)
  expect(watch.ratio()).toBe(0.5)
  expect(watch.ratio()).toBeUndefined()
})
