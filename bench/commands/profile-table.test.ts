import { expect, it } from 'vitest'
import { makePlan } from '../plan/plan.ts'
import { profiles } from '../plan/profile.ts'
import { profileTable } from './profile-table.ts'

it('the table of --help says what the plan of each profile measures', () => {
  const table = profileTable()
  for (const { name } of profiles) {
    const plan = makePlan({ profile: name, seed: 1 })
    const row = new RegExp(
      `\\n {2}${name} .*\\n +none, twin, (.*)\\n +(\\d+) restarts x \\((\\d+) rounds at saturation \\+ (\\d+) at [^+)]*(?: \\+ (\\d+) unloaded)?\\)`,
    ).exec(table)
    const [, variants, restarts, saturation, fixedRate, unloaded] = row ?? []
    const rounds = (mode: string) =>
      plan.loads.filter((load) => load.mode === mode).reduce((sum, load) => sum + load.rounds, 0)
    const candidates = plan.sets.flat().filter(({ role }) => role === 'candidate')
    expect(variants?.split(', ')).toEqual([...new Set(candidates.map(({ key }) => key))])
    expect(Number(restarts)).toBe(plan.restarts)
    expect(Number(saturation)).toBe(rounds('saturation'))
    expect(Number(fixedRate)).toBe(rounds('fixed-rate'))
    expect(Number(unloaded ?? 0)).toBe(rounds('unloaded'))
  }
  expect(table).toContain("12 at 20, 50, and 80 % of the slowest variant's capacity")
})
