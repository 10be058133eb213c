import { virtualMachine } from '../machine.ts'
import { type DoctorCheck, good, hurts, unknown } from './finding.ts'

export const virtual: DoctorCheck = {
  id: 'virtual-machine',
  title: 'Virtual machine',
  check(probe) {
    if (probe.platform !== 'linux') return unknown('Whether this is a virtual machine cannot be read on this system.')
    const kind = virtualMachine(probe.files)
    return kind === 'none'
      ? good('No sign of a hypervisor.')
      : hurts(
          `Runs in a virtual machine (${kind}): its cores may be hyper-threads shared with others.`,
          'Good enough with more restarts; for the narrowest intervals measure on bare metal.',
        )
  },
}

export const frequency: DoctorCheck = {
  id: 'frequency',
  title: 'Frequency scaling',
  check(probe) {
    const root = '/sys/devices/system/cpu'
    const governor = probe.files.read(`${root}/cpu0/cpufreq/scaling_governor`)
    if (governor === undefined) return unknown('The kernel shows no frequency governor (usual in virtual machines).')
    const boost =
      probe.files.read(`${root}/cpufreq/boost`) === '1' || probe.files.read(`${root}/intel_pstate/no_turbo`) === '0'
    if (governor !== 'performance') {
      return hurts(
        `Governor "${governor}": cores change their speed with the load.`,
        'sudo cpupower frequency-set -g performance',
      )
    }
    return boost
      ? hurts(
          'Governor "performance", but boost is on: speed depends on temperature and on other cores.',
          `Write 0 to ${root}/cpufreq/boost (or 1 to ${root}/intel_pstate/no_turbo) while measuring.`,
        )
      : good('Governor "performance", no boost.')
  },
}

export const clockSource: DoctorCheck = {
  id: 'clock-source',
  title: 'Clock source',
  check(probe) {
    const source = probe.files.read('/sys/devices/system/clocksource/clocksource0/current_clocksource')
    if (source === undefined) return unknown('The clock source cannot be read on this system.')
    // These are read without entering the kernel; others (hpet, acpi_pm, xen) cost a system call of up to microseconds.
    return ['tsc', 'kvm-clock', 'arch_sys_counter', 'hyperv_clocksource_tsc_page'].includes(source)
      ? good(`"${source}", read without a system call.`)
      : hurts(
          `"${source}": each reading of the clock is slow.`,
          'Boot with clocksource=tsc if the processor has a stable one.',
        )
  },
}

export const interruptAccounting: DoctorCheck = {
  id: 'interrupt-accounting',
  title: 'Interrupt accounting',
  check(probe) {
    if (probe.platform !== 'linux') return unknown('Interrupt accounting cannot be read on this system.')
    const config = probe.files.read(`/boot/config-${probe.kernel}`)
    if (config === undefined) {
      return unknown(
        'The kernel does not show its configuration. Without IRQ_TIME_ACCOUNTING network interrupts are charged to whoever runs.',
      )
    }
    return /^CONFIG_IRQ_TIME_ACCOUNTING=y/m.test(config)
      ? good('The kernel accounts for interrupts apart from processes.')
      : hurts(
          'Interrupts are charged to whoever runs: loopback network work appears in app CPU.',
          'It is alike in all variants and cancels out in differences; a kernel with CONFIG_IRQ_TIME_ACCOUNTING shows it apart.',
        )
  },
}
