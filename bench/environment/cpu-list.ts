/** CPU numbers of a list as the kernel and `taskset -c` write it: `0-2,5` is 0, 1, 2, 5. Anything else gives none. */
export function parseCpuList(text: string): readonly number[] {
  const cpus = new Set<number>()
  for (const part of text.trim().split(',')) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (range === null) continue
    const first = Number(range[1])
    for (let cpu = first; cpu <= Number(range[2] ?? first); cpu++) cpus.add(cpu)
  }
  return [...cpus].sort((a, b) => a - b)
}

/** The shortest list for `taskset -c` and `CpusetCpus`: 0, 1, 2, 5 is `0-2,5`. */
export function formatCpuList(cpus: readonly number[]): string {
  const sorted = [...new Set(cpus)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i] ?? 0
    let last = first
    while (sorted[i + 1] === last + 1) {
      last++
      i++
    }
    parts.push(first === last ? String(first) : `${first}-${last}`)
    i++
  }
  return parts.join(',')
}
