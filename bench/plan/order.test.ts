import { describe, expect, it } from 'vitest'
import { furtherRound, type IsActive, roundsOf, serversOf } from './order.ts'
import { makePlan, mostServersAtOnce, type Plan } from './plan.ts'

const sweep = (vary: string[], more: object = {}): Plan =>
  makePlan({ profile: 'quick', variants: ['session', 'jwt:alg=HS256'], seed: 7, vary, ...more })

describe('the servers of a sweep', () => {
  const plan = sweep(['pool=1,2,5,10,20,50', 'dbDelay=0,2ms'])

  it('are at most as many as can live side by side, and serve every variant once', () => {
    const servers = serversOf(plan, 0, 0)
    expect(servers.length).toBeLessThanOrEqual(mostServersAtOnce)
    const served = servers.flatMap(({ serves }) => serves.map(({ key }) => key))
    expect(served.toSorted()).toEqual((plan.sets[0] ?? []).map(({ key }) => key).toSorted())
  })

  it('never mix distances: the address of the database cannot be changed in a live server', () => {
    for (const { serves } of serversOf(plan, 0, 3)) {
      expect(new Set(serves.map(({ deployment }) => deployment?.dbDelayUs)).size).toBe(1)
    }
  })

  it('are dealt anew in each restart, and alike for the same seed', () => {
    const dealt = (restart: number) => serversOf(plan, 0, restart).map(({ serves }) => serves.map(({ key }) => key))
    expect(dealt(0)).not.toEqual(dealt(1))
    expect(dealt(1)).toEqual(serversOf(plan, 0, 1).map(({ serves }) => serves.map(({ key }) => key)))
  })
})

describe('app instances', () => {
  const plan = sweep(['instances=1,2,4', 'pool=2,5,10'])
  const processes = (servers: ReturnType<typeof serversOf>) =>
    servers.reduce((sum, { serves }) => sum + (serves[0]?.deployment?.instances ?? 1), 0)

  it('count as the processes they are: no set has more than can live side by side', () => {
    expect(plan.sets.length).toBeGreaterThan(1)
    for (const set of plan.sets.keys()) {
      for (let restart = 0; restart < 5; restart++)
        expect(processes(serversOf(plan, set, restart))).toBeLessThanOrEqual(mostServersAtOnce)
    }
    const served = plan.sets.flatMap((_, set) => serversOf(plan, set, 0).flatMap(({ serves }) => serves))
    const keys = served.filter(({ role }) => role === 'candidate').map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys).toHaveLength(3 * 3 + 1)
  })

  it('never share a process with another number of them', () => {
    for (const set of plan.sets.keys()) {
      for (const { serves } of serversOf(plan, set, 0))
        expect(new Set(serves.map(({ deployment }) => deployment?.instances)).size).toBe(1)
    }
  })
})

describe('the rounds of a sweep', () => {
  const plan = sweep(['pool=1,2,5', 'dbDelay=0,2ms', 'connections=4,32'])

  it('hold control and twin, and each variant as often as the plan says', () => {
    const rounds = roundsOf(plan, 0, 0)
    for (const { order } of rounds) expect(order.filter(({ role }) => role !== 'candidate')).toHaveLength(2)
    for (const load of plan.loads) {
      const count = rounds
        .filter((round) => round.load === load)
        .flatMap(({ order }) => order)
        .filter(({ key }) => key === 'session@dbDelay=2ms,pool=5').length
      expect(count).toBe(load.rounds)
    }
  })

  it('hold pools over one table together, and tokens beside the smallest', () => {
    const sized = sweep(['pool=1,2,5,10', 'sessions=5000,50000'], { users: 500 })
    const together = roundsOf(sized, 0, 0).map(({ order }) => order.filter(({ role }) => role === 'candidate'))
    for (const order of together) {
      const sizes = new Set(order.map(({ deployment }) => deployment?.sessions ?? sized.sessions))
      expect(sizes.size).toBe(1)
      expect(order).toHaveLength(order.some(({ key }) => key === 'jwt:alg=HS256') ? 5 : 4)
    }
  })

  it('number each round of a load once, so that slices pair with their own control', () => {
    for (const load of plan.loads) {
      const numbers = roundsOf(plan, 0, 0).flatMap((round) => (round.load === load ? [round.round] : []))
      expect(new Set(numbers).size).toBe(numbers.length)
    }
  })

  it('keep one distance together', () => {
    for (const { order } of roundsOf(plan, 0, 0)) {
      const distances = order.flatMap(({ deployment }) => deployment?.dbDelayUs ?? [])
      expect(new Set(distances).size).toBeLessThanOrEqual(1)
    }
  })

  it('leave out what is no longer measured, and blocks of which nothing is left', () => {
    const rounds = roundsOf(plan, 0, 4, ({ deployment }) => deployment?.dbDelayUs === 0)
    expect(rounds.length).toBeGreaterThan(0)
    for (const { order } of rounds) {
      expect(order.every(({ role, deployment }) => role !== 'candidate' || deployment?.dbDelayUs === 0)).toBe(true)
    }
  })
})

describe('the blocks of a place with more candidates than a round can have', () => {
  const algorithms = ['HS256', 'RS256', 'ES256'].map((algorithm) => `jwt:alg=${algorithm}`)
  const blocksOf = (plan: Plan, restart: number, isActive?: IsActive): string[][] => {
    const rounds = roundsOf(plan, 0, restart, isActive).filter(({ load }) => load === plan.loads[0])
    const blocks = new Map(rounds.map(({ block, order }) => [block, order]))
    return [...blocks.values()].map((order) => order.flatMap(({ key, role }) => (role === 'candidate' ? [key] : [])))
  }
  const restarts = Array.from({ length: 20 }, (_, restart) => restart)
  const two = sweep(['pool=1,2,5,10,20'], { variants: ['session', 'session:touch=always', ...algorithms] })
  const eight = sweep(['pool=1,2,3,5,8,10,15,20'], { variants: ['session', ...algorithms] })
  const twelve = sweep(['pool=1,2,3,4,5,6,7,8,9,10,11,12'], { variants: ['session', ...algorithms] })

  it.each([
    ['two strategies with five pools', two],
    ['eight pools of one', eight],
  ])('keep together the pools that compete (%s)', (_, plan) => {
    for (const restart of restarts) {
      const blocks = blocksOf(plan, restart)
      expect(blocks).toHaveLength(2)
      for (const strategy of ['session', 'session:touch=always']) {
        const competing = (key: string): boolean => key.startsWith(`${strategy}@`)
        expect(blocks.filter((keys) => keys.some(competing)).length).toBeLessThanOrEqual(1)
      }
    }
  })

  it('hold each candidate once, no more of them than a round can have, and control and twin', () => {
    for (const plan of [two, eight, twelve]) {
      const candidates = (plan.sets[0] ?? []).filter(({ role }) => role === 'candidate').map(({ key }) => key)
      for (const restart of restarts) {
        const blocks = blocksOf(plan, restart)
        expect(blocks.flat().toSorted()).toEqual(candidates.toSorted())
        expect(Math.max(...blocks.map(({ length }) => length))).toBeLessThanOrEqual(10)
        for (const { order } of roundsOf(plan, 0, restart))
          expect(order.filter(({ role }) => role !== 'candidate')).toHaveLength(2)
      }
    }
  })

  it('are dealt anew in each restart, and let any two of too many pools meet', () => {
    const dealt = restarts.map((restart) => blocksOf(twelve, restart))
    expect(dealt[0]).not.toEqual(dealt[1])
    const pools = (twelve.sets[0] ?? []).flatMap(({ key }) => (key.startsWith('session@') ? [key] : []))
    for (const a of pools)
      for (const b of pools)
        expect(dealt.some((blocks) => blocks.some((keys) => keys.includes(a) && keys.includes(b)))).toBe(true)
  })

  it('are as many, with as many slices, in every restart, as predictions take them to be', () => {
    const only =
      (poolSize: number): IsActive =>
      ({ deployment }) =>
        (deployment?.poolSize ?? 1) <= poolSize
    for (const plan of [two, eight, twelve]) {
      for (const isActive of [undefined, only(11), only(5)]) {
        const slices = restarts.map(
          (restart) => roundsOf(plan, 0, restart, isActive).flatMap(({ order }) => order).length,
        )
        expect(new Set(slices).size).toBe(1)
      }
    }
  })

  it('are one as soon as few enough are still measured', () => {
    const isActive: IsActive = ({ deployment }) => (deployment?.poolSize ?? 1) <= 6
    for (const restart of restarts) {
      expect(blocksOf(twelve, restart, isActive)).toHaveLength(1)
      expect(blocksOf(twelve, restart, isActive)[0]).toHaveLength(9)
    }
  })
})

describe('a grid that is too large', () => {
  it('is refused with the number of cells', () => {
    expect(() => sweep(['pool=1,2,5,10,20', 'connections=1,2,4,8,16,32'], { maxCells: 20 })).toThrow(/--max-cells/)
  })
})

it('a further round has a number that no other round of its load has, whatever a sweep has left out', () => {
  const plan = sweep(['dbDelay=0,2ms'])
  // Of two blocks only the second is still measured: its numbers are not those of a count.
  const rounds = roundsOf(plan, 0, 0, ({ deployment }) => deployment?.dbDelayUs === 2000)
  for (const last of rounds) {
    const further = [0, 1].map((number) => furtherRound(plan, { set: 0, restart: 0 }, rounds, last, number))
    const numbers = [...rounds, ...further].filter(({ load }) => load === last.load).map(({ round }) => round)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(further).toMatchObject([{ further: true, block: last.block }, { load: last.load }])
  }
})
