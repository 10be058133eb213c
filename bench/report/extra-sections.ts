import type { Results } from '../record/run.ts'
import { badTrafficSection } from './bad-traffic.ts'
import { lifecycleSections } from './lifecycle.ts'
import type { Section } from './report-data.ts'
import { writesSection } from './writes.ts'

/** Tables that only runs have which asked for them. */
export const extraSections = (results: Results): readonly Section[] =>
  [badTrafficSection(results), writesSection(results), ...lifecycleSections(results)].filter(
    (section) => section !== undefined,
  )
