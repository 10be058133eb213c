import type { Cell, Section } from './report-data.ts'

/** A cell as one string; `~` marks a difference that was not shown, `–` what is absent. */
export function cellText(cell: Cell): string {
  switch (cell.kind) {
    case 'figure':
      return `${cell.undecided ? '~' : ''}${cell.value} ${cell.interval}`.trimEnd()
    case 'text':
      return cell.text
    case 'absent':
      return '–'
  }
}

const gap = '  '

/**
 * A section as aligned lines no wider than `width` where a single column allows it. Columns that do not fit go on in a
 * further table below, with the variants repeated.
 */
export function textTable(section: Section, width: number): readonly string[] {
  const first = section.rows.map(({ label }) => label)
  const firstWidth = Math.max(0, ...first.map((label) => label.length))
  const columns = section.columns.map((column, index) => {
    const head = [column.label, column.unit]
    const cells = section.rows.map(({ cells }) => cellText(cells[index] ?? { kind: 'absent', reason: '' }))
    const words = section.rows.some(({ cells }) => cells[index]?.kind === 'figure')
      ? ('right' as const)
      : ('left' as const)
    return {
      lines: [...head, ...cells],
      width: Math.max(...[...head, ...cells].map((line) => line.length)),
      align: words,
    }
  })
  const blocks: (typeof columns)[] = []
  let used = Number.POSITIVE_INFINITY
  for (const column of columns) {
    if (used + gap.length + column.width > width) {
      blocks.push([])
      used = firstWidth
    }
    blocks.at(-1)?.push(column)
    used += gap.length + column.width
  }
  return blocks.flatMap((block, index) => [
    ...(index === 0 ? [] : ['']),
    ...['', '', ...first].map((label, line) =>
      [
        label.padEnd(firstWidth),
        ...block.map(({ lines, width: columnWidth, align }) =>
          align === 'right' ? (lines[line] ?? '').padStart(columnWidth) : (lines[line] ?? '').padEnd(columnWidth),
        ),
      ]
        .join(gap)
        .trimEnd(),
    ),
  ])
}

/** Breaks a text at spaces into lines of at most `width`, each after `indent`. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return line === '' ? lines : [...lines, indent + line]
}
