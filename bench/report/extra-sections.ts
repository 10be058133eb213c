import type { Results } from '../record/run.ts'
import { badTrafficSections } from './bad-traffic.ts'
import { burstySection } from './bursty.ts'
import { bytesSection } from './bytes.ts'
import { lifecycleSections } from './lifecycle.ts'
import type { Section } from './report-data.ts'
import { writesSection } from './writes.ts'

/** Tables beside those of cost: of every run, and of runs that asked for them. */
export const extraSections = (results: Results): readonly Section[] =>
  [
    bytesSection(results),
    ...badTrafficSections(results),
    writesSection(results),
    burstySection(results),
    ...lifecycleSections(results),
  ].filter((section) => section !== undefined)
