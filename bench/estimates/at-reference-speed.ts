import type { BurstySlice } from '../record/bursty.ts'
import type { CoreSpeedAdjustment } from '../record/core-speed.ts'
import type { Absent, CoreSpeed, Slice } from '../record/slice.ts'
import { byTheClockUs, coreSpeedOf, modeOf, type SpeedRecord, speedOf } from './core-speed.ts'

/**
 * The slices as they would have been with the servers' cores at the speed that they have undisturbed: every CPU time of a slice
 * times (the run's fastest / its own work) ^ slope, and (reference / fastest) ^ `slopeBeyond`. What is not CPU time stays as it is, and so do slices without a reading.
 */
export function atReferenceSpeed(
  record: SpeedRecord,
  adjustment: CoreSpeedAdjustment | Absent = coreSpeedOf(record),
): readonly Slice[] {
  return adjusted(record.slices, adjustment)
}

function adjusted(slices: readonly Slice[], adjustment: CoreSpeedAdjustment | Absent): readonly Slice[] {
  if ('absent' in adjustment) return slices
  const loads = new Map(adjustment.loads.map((load) => [load.mode, slopesByVariant(load)]))
  return slices.map((slice) => {
    const mode = modeOf(slice.load.mode)
    const speed = speedOf(slice)
    const load = mode === undefined ? undefined : loads.get(mode)
    if (speed === undefined || load === undefined) return slice
    return scaled(slice, speed, factorOf(adjustment, load(slice.variant), speed.workUs))
  })
}

interface Slopes {
  readonly slope: number
  readonly slopeBeyond: number
}

function slopesByVariant({
  slope,
  slopeBeyond = 0,
  variants = [],
}: CoreSpeedAdjustment['loads'][number]): (variant: string) => Slopes {
  const own = new Map(variants.map((one) => [one.variant, one.slope]))
  return (variant) => ({ slope: own.get(variant) ?? slope, slopeBeyond })
}

/** What a variant's CPU, read at saturation while the work took so long, is to be multiplied by; 1 where the run knows no slope. */
export function factorAtSaturation(
  adjustment: CoreSpeedAdjustment | Absent | undefined,
  variant: string,
  workUs: number,
): number {
  if (adjustment === undefined || 'absent' in adjustment) return 1
  const load = adjustment.loads.find(({ mode }) => mode === 'saturation')
  return load === undefined ? 1 : factorOf(adjustment, slopesByVariant(load)(variant), workUs)
}

/** From the speed of a slice to the fastest that its run met by the run's slope, and from there to the reference by the slope of other runs. */
function factorOf(
  { referenceWorkUs, fastestWorkUs = referenceWorkUs }: CoreSpeedAdjustment,
  { slope, slopeBeyond }: Slopes,
  workUs: number,
): number {
  return (fastestWorkUs / workUs) ** slope * (referenceWorkUs / fastestWorkUs) ** slopeBeyond
}

/** The same of windows of hits and misses, by the adjustment of the run's own slices. */
export const windowsAtReferenceSpeed = (
  windows: readonly BurstySlice[],
  adjustment: CoreSpeedAdjustment | Absent,
): readonly BurstySlice[] => {
  const slices = adjusted(
    windows.map(({ slice }) => slice),
    adjustment,
  )
  return windows.map((window, index) => ({ ...window, slice: slices[index] ?? window.slice }))
}

function scaled(slice: Slice, speed: CoreSpeed, factor: number): Slice {
  const { app, database, processes, machine } = slice
  const burntUs = byTheClockUs(slice)
  const ofServer = (us: number): number => (us - burntUs) * factor + burntUs
  // Of cores that were not sampled nothing is known.
  const beside = speed.sharedCores ? factor : 1
  return {
    ...slice,
    app: {
      ...app,
      cpuUs: ofServer(app.cpuUs),
      eventLoopActiveUs: ofServer(app.eventLoopActiveUs),
      gcDurationUs: app.gcDurationUs * factor,
    },
    database:
      'absent' in database
        ? database
        : {
            ...database,
            cpuUs: database.cpuUs * beside,
            helpersCpuUs:
              typeof database.helpersCpuUs === 'number' ? database.helpersCpuUs * beside : database.helpersCpuUs,
          },
    ...(processes === undefined
      ? {}
      : {
          processes: processes.map(({ role, cpuUs }) => ({
            role,
            cpuUs: typeof cpuUs === 'number' ? cpuUs * beside : cpuUs,
          })),
        }),
    machine: 'absent' in machine ? machine : { ...machine, serverCoresBusyUs: ofServer(machine.serverCoresBusyUs) },
    coreSpeed: { ...speed, probeCpuUs: speed.probeCpuUs * factor },
  }
}
