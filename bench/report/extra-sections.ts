import type { Results } from '../record/run.ts'
import { badTrafficSection } from './bad-traffic.ts'
import type { Section } from './report-data.ts'
import { writesSection } from './writes.ts'

/** Tables that only runs have which asked for them. */
export const extraSections = (results: Results): readonly Section[] =>
  [badTrafficSection(results), writesSection(results)].filter((section) => section !== undefined)
