import type { Finding } from './finding.ts'

const marks: Readonly<Record<Finding['state'], string>> = { good: 'ok', hurts: 'HURTS', unknown: '?' }

/** The findings as text for a terminal: one line each, the remedy below what hurts, a summary at the end. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map((finding) => finding.title.length))
  const lines = findings.flatMap(({ title, state, detail, remedy }) => [
    `${marks[state].padEnd(5)}  ${title.padEnd(width)}  ${detail}`,
    ...(remedy === '' || state === 'good' ? [] : [`${' '.repeat(width + 9)}-> ${remedy}`]),
  ])
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length
  const summary =
    count('hurts') === 0
      ? 'Nothing found that hurts measuring.'
      : `${count('hurts')} of ${findings.length} hurt measuring; what each does to the figures stands with it.`
  return [
    ...lines,
    '',
    summary,
    ...(count('unknown') === 0 ? [] : [`${count('unknown')} could not be found out.`]),
    '',
  ].join('\n')
}
