import { describe, expect, it } from 'vitest'
import { exampleCalibration } from '../estimates/calibration.fixture.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { resumedExitCode } from './resume.ts'

describe('the exit code of a run that went on', () => {
  it('of a calibration is that of calibrate: 1 where a known amount was missed', () => {
    expect(resumedExitCode(exampleCalibration({ cpuErrorUs: 15 }))).toBe(1)
  })

  it('of any other run is 0 where nothing was left out', () => {
    expect(resumedExitCode(exampleResults({ doubtfulShare: 0 }))).toBe(0)
  })
})
