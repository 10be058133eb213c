import type { ReportData } from '../report-data.ts'
import { comparisonTables } from './comparison-table.ts'
import { element } from './element.ts'
import { factsList } from './facts-list.ts'

/** A part of the report with its place in the contents. */
export interface Part {
  readonly id: string
  readonly title: string
  readonly short: string
  readonly content: readonly (Node | undefined)[]
}

/** What was asked of a run that was not to compare variants: before everything else. */
export const answerParts = (data: ReportData): readonly Part[] => [
  ...calibrationPart(data),
  ...microPart(data),
  ...tuningPart(data),
  ...tokenPart(data),
]

/** What a calibration found: before everything else, because it is what was asked. */
function calibrationPart({ calibration }: ReportData): readonly Part[] {
  if (calibration === undefined) return []
  return [
    {
      id: 'calibration',
      title: 'Known costs, and what they say of this machine',
      short: 'Calibration',
      content: [
        ...comparisonTables(calibration.sections),
        ...calibration.notes.map((note) => element('p', { class: 'note' }, note)),
        factsList(calibration.facts, 'wide'),
      ],
    },
  ]
}

/** The steps in process: their tables stand above the figures, because they are what was asked. */
function microPart({ micro }: ReportData): readonly Part[] {
  if (micro === undefined) return []
  return [
    {
      id: 'micro',
      title: 'The authentication step in process',
      short: 'Step in process',
      content: [
        ...comparisonTables(micro.sections),
        ...micro.notes.map((note) => element('p', { class: 'note' }, note)),
      ],
    },
  ]
}

/** The recommendation, and what customary pools would cost instead. */
const answerTables = 2

/** Which pool is recommended: before the charts that show why. */
function tuningPart({ tuning }: ReportData): readonly Part[] {
  if (tuning === undefined || tuning.sections.length + tuning.notes.length === 0) return []
  return [
    {
      id: 'tuning',
      title: 'Which pool, and what others would cost',
      short: 'Recommended',
      content: [
        ...comparisonTables(tuning.sections.slice(0, answerTables)),
        ...tuning.notes.map((note) => element('p', { class: 'note' }, note)),
      ],
    },
  ]
}

/** Which token is recommended, likewise. */
function tokenPart({ tokenTuning }: ReportData): readonly Part[] {
  if (tokenTuning === undefined) return []
  return [
    {
      id: 'tokens',
      title: 'Which token, and what others would cost',
      short: 'Tokens',
      content: [
        ...comparisonTables(tokenTuning.sections),
        ...tokenTuning.notes.map((note) => element('p', { class: 'note' }, note)),
      ],
    },
  ]
}

/** The figures behind the recommendation: after the charts. */
export const tuningTables = ({ tuning }: ReportData): readonly Part[] =>
  tuning === undefined || tuning.sections.length <= answerTables
    ? []
    : [
        {
          id: 'sweep',
          title: 'Every pool of the sweep',
          short: 'Sweep',
          content: comparisonTables(tuning.sections.slice(answerTables)),
        },
      ]
