import type { Results } from '../record/run.ts'
import type { Slice } from '../record/slice.ts'
import { type FixtureVariant, fixtureVariants } from './plan.fixture.ts'
import { exampleResults, type FixtureOptions, fixtureLoads } from './slice.fixture.ts'

/** How far what is recovered of the injected amount is off, microseconds. */
export interface CalibrationFixture extends FixtureOptions {
  readonly cpuErrorUs?: number
}

const injectedUs = { 'synthetic:cpu=10us': 10.5, 'synthetic:cpu=50us': 50.4 } as const
const waitUs = 1120

/** A calibration whose servers say what they injected and whose figures show it, plus a stated error. */
export function exampleCalibration({ cpuErrorUs = 0, ...options }: CalibrationFixture = {}): Results {
  const known = Object.entries(injectedUs).map(
    ([id, us]): FixtureVariant => ({ ...base(id), appSaturationUs: us + cpuErrorUs, appFixedRateUs: us + cpuErrorUs }),
  )
  const waiting = { ...base('synthetic:wait=1ms'), authStepUs: waitUs, appFixedRateUs: waitUs }
  const variants = [...fixtureVariants.slice(0, 2), ...known, waiting]
  const results = exampleResults({ loads: fixtureLoads, doubtfulShare: 0, ...options, variants })
  return {
    ...results,
    run: { ...results.run, command: 'calibrate' },
    slices: results.slices.map(withInjection),
  }
}

const base = (id: string): FixtureVariant => ({
  id,
  strategy: 'synthetic',
  role: 'candidate',
  label: id,
  appSaturationUs: 0,
  appFixedRateUs: 0,
  databaseUs: 0,
  authStepUs: 1,
  credentialBytes: 34,
})

function withInjection(slice: Slice): Slice {
  const cpu = Object.entries(injectedUs).find(([id]) => id === slice.variant)?.[1]
  const waits = slice.variant === 'synthetic:wait=1ms'
  if (cpu === undefined && !waits) return slice
  return {
    ...slice,
    app: {
      ...slice.app,
      strategy: {
        syntheticCpuNs: (cpu ?? 0) * 1000 * slice.requests,
        syntheticWaitNs: waits ? waitUs * 1000 * slice.requests : 0,
        syntheticCount: slice.requests,
      },
    },
    doubts:
      waits && slice.load.mode === 'saturation'
        ? [{ code: 'not-saturated', detail: 'server and database used only 12.0 % of a core' }]
        : slice.doubts,
  }
}
