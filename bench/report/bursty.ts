import { withCompanions } from '../estimates/companions.ts'
import type { BurstyVariant } from '../record/bursty.ts'
import type { Results } from '../record/run.ts'
import { durationText } from './figure-text.ts'
import type { Cell, Section } from './report-data.ts'
import { labelOf } from './sections.ts'
import { figureCellOf, textCell } from './tuning-words.ts'

/** What hits and misses cost, and a user of a given rate; undefined where no strategy has a clock of its own. */
export function burstySection(results: Results): Section | undefined {
  const variants = results.bursty?.variants ?? []
  const [first] = variants
  if (first === undefined) return undefined
  const companions = withCompanions({ slices: (results.bursty?.slices ?? []).map(({ slice }) => slice) })
  const shortened = variants.some(({ measuredEveryMs }) => measuredEveryMs !== undefined)
    ? ' A period too long to wait for was measured with a shorter one, in all else alike: hit, miss and check are of that, the columns of a user of the real one.'
    : ''
  return {
    title: 'Hits and misses',
    note: `App and database CPU${companions} of a request that finds what an earlier one left (hit) and of one that does the work (miss), the server's own part included, at ${first.requestsPerSecond.toLocaleString('en-US')} requests/s. At a user's own rate: hit + (miss − hit) / (1 + rate × period). Check: derived at the rate of the run, measured minus derived.${shortened}`,
    columns: [
      { label: 'Period', unit: '' },
      { label: 'Hit', unit: 'µs CPU' },
      { label: 'Miss', unit: 'µs CPU' },
      ...first.atUserRate.map(({ requestsPerUserPerMinute }) => ({
        label: `${requestsPerUserPerMinute} / user and min`,
        unit: 'µs CPU',
      })),
      { label: 'Misses derived', unit: '%' },
      { label: 'Misses measured', unit: '%' },
      { label: 'Derived', unit: 'µs CPU' },
      { label: 'Measured', unit: 'µs CPU' },
      { label: 'Difference', unit: 'µs CPU' },
      { label: 'they agree', unit: '' },
    ],
    rows: variants.map((variant) => ({
      variant: variant.variant,
      label: labelOf(results, variant.variant),
      cells: cellsOf(variant),
    })),
  }
}

function cellsOf({ everyMs, measuredEveryMs, hitUs, missUs, atUserRate, check }: BurstyVariant): readonly Cell[] {
  const { derivedMissShare, measuredMissShare: share } = check
  return [
    textCell(
      measuredEveryMs === undefined
        ? durationText(everyMs)
        : `${durationText(everyMs)} (measured with ${durationText(measuredEveryMs)})`,
    ),
    figureCellOf(hitUs),
    figureCellOf(missUs),
    ...atUserRate.map(({ cpuUs }) => figureCellOf(cpuUs)),
    textCell((100 * derivedMissShare).toFixed(1)),
    figureCellOf(
      'absent' in share ? share : { value: 100 * share.value, low: 100 * share.low, high: 100 * share.high },
    ),
    figureCellOf(check.derivedUs),
    figureCellOf(check.measuredUs),
    figureCellOf(check.differenceUs),
    check.agrees === undefined
      ? { kind: 'absent', reason: 'there is no interval of the difference' }
      : textCell(check.agrees ? 'yes' : 'no'),
  ]
}
