import type { Results, WriteCount } from '../record/run.ts'
import { durationText, textCell } from './figure-text.ts'
import type { Cell, Section } from './report-data.ts'
import { oncePerCheck } from './sections.ts'

type Written = Exclude<WriteCount['written'], { absent: string }>

const absent = (reason: string): Cell => ({ kind: 'absent', reason })

/** For a million of them, at three digits: the pass counted some thousands. */
const perMillion = (amount: number, { requests }: Written): string =>
  Number(((1e6 * amount) / requests).toPrecision(3)).toLocaleString('en-US')

const cellsOf = (written: Written): readonly Cell[] => [
  textCell(perMillion(written.walBytes / 1e6, written)),
  textCell(perMillion(written.fullPageImages, written)),
  textCell(perMillion(written.inserted + written.updated + written.deleted, written)),
  written.updated === 0
    ? absent('no row was updated')
    : textCell(`${((100 * written.hotUpdated) / written.updated).toFixed(1)} %`),
  typeof written.deadTuples === 'number'
    ? textCell(perMillion(written.deadTuples, written))
    : absent(written.deadTuples.absent),
  textCell(written.requests.toLocaleString('en-US')),
]

const columns = [
  { label: 'WAL', unit: 'MB per million' },
  { label: 'Full-page images', unit: 'per million' },
  { label: 'Rows written', unit: 'per million' },
  { label: 'HOT updates', unit: 'of all updates' },
  { label: 'Dead tuples', unit: 'per million' },
  { label: 'Counted over', unit: '' },
]

const eventNames: Readonly<Record<WriteCount['event'], string>> = { request: 'requests', logout: 'logouts' }

/** What requests and logouts write. Undefined where no variant of the run may write. */
export function writesSection(results: Results): Section | undefined {
  const counts = results.checks.writes ?? []
  if (counts.length === 0) return undefined
  return {
    title: 'Writes to Postgres',
    note: 'Counted in untimed passes over the requests of the load, after one of requests that was not counted, and shown for a million. WAL: all of the log, with images of whole pages, up to 8 KB each, which a page’s first change after a checkpoint writes: the sooner checkpoints follow one another, the more of them. HOT: updates that needed no new index entry. Dead tuples: left behind for vacuum. What is written by the clock does not fall due within a pass of seconds: at its rate each row costs what one costs where every use is written.',
    columns,
    rows: oncePerCheck(results.plan.variants).flatMap(({ id, label }) =>
      counts
        .filter(({ variant }) => variant === id)
        .map(({ event, written, everyMs }) => ({
          variant: id,
          label: `${label}: ${eventNames[event]}${everyMs === undefined ? '' : `, by the clock (${durationText(everyMs)})`}`,
          cells: 'absent' in written ? columns.map(() => absent(written.absent)) : cellsOf(written),
        })),
    ),
  }
}
