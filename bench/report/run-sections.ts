import type { Results } from '../record/run.ts'
import { idlingSections } from './idling.ts'
import { punctualitySections } from './punctuality.ts'
import type { Section } from './report-data.ts'
import { loadSections } from './sections.ts'

/** The tables of a run, load by load; what idling costs; how punctual the load was. */
export const runSections = (results: Results): readonly Section[] => [
  ...loadSections(results),
  ...idlingSections(results),
  ...punctualitySections(results),
]
