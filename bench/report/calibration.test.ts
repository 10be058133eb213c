import { describe, expect, it } from 'vitest'
import { exampleCalibration } from '../estimates/calibration.fixture.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { calibrationReport } from './calibration.ts'
import { renderMarkdown } from './markdown.ts'
import { project } from './projection.ts'
import { renderTerminal } from './terminal.ts'

const results = exampleCalibration()

describe('the report of a calibration', () => {
  it('answers what was recovered before anything else', () => {
    const text = renderTerminal(results, { width: 100, colour: false }).replace(/\s+/g, ' ')
    expect(text).toMatch(/^\d of 4 known amounts of CPU were recovered/)
    expect(text).toContain('Smallest app CPU cost that can be resolved, saturation, 10 connections')
    expect(text).toContain('marked not-saturated and left out, as they should be')
  })

  it('names a known amount that was missed', () => {
    const [first] = calibrationReport(exampleCalibration({ cpuErrorUs: 20 }))?.headline ?? []
    expect(first).toContain('missed: synthetic:cpu=10us (saturation, 10 connections)')
  })

  it('says that nothing can be said where no interval could be made', () => {
    expect(calibrationReport(exampleCalibration({ restarts: 2 }))?.headline).toEqual([
      'Nothing can be said of this machine: fewer than 3 restarts have enough valid slices.',
    ])
  })

  it('stands in the Markdown as well', () => {
    expect(renderMarkdown(results)).toContain('### Known costs: Saturation')
  })

  it('leaves an ordinary run as it was', () => {
    const ordinary = exampleResults({ restarts: 4, rounds: 2 })
    expect(calibrationReport(ordinary)).toBeUndefined()
    expect(project(ordinary).calibration).toBeUndefined()
    expect(renderTerminal(ordinary, { width: 100, colour: false })).not.toContain('Known costs')
  })
})
