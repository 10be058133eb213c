import { describe, expect, it } from 'vitest'
import { exampleMicro, stepParts } from './micro.fixture.ts'
import { type MicroFigures, microOf } from './micro.ts'
import { exampleResults } from './slice.fixture.ts'

function figuresOf(options?: Parameters<typeof exampleMicro>[0]): MicroFigures {
  const figures = microOf(exampleMicro(options))
  if (figures === undefined) throw new Error('no figures')
  return figures
}

const value = (figure: { readonly value: number } | { readonly absent: string }): number => {
  if ('absent' in figure) throw new Error(figure.absent)
  return figure.value
}

describe('microOf', () => {
  it('says nothing of a run that timed no step', () => {
    expect(microOf(exampleResults({ restarts: 3, rounds: 2 }))).toBeUndefined()
  })

  it('finds what each part takes, in the order in which the step goes through them', () => {
    const { tasks } = figuresOf()
    const parts = tasks.filter(({ variant, kind }) => variant === 'session' && kind === 'part')
    expect(parts.map(({ task }) => task)).toEqual(['parse', 'hash', 'look up'])
    for (const { task, cpu } of parts) {
      const truth = stepParts.session?.[task] ?? 0
      expect(Math.abs(value(cpu) - truth)).toBeLessThan(0.05 * truth)
    }
  })

  it('takes CPU with many calls under way, and elapsed time with one', () => {
    const step = figuresOf().tasks.find(({ variant, kind }) => variant === 'jwt:alg=HS256' && kind === 'step')
    if (step === undefined) throw new Error('no step')
    // The fixture's CPU is half as much again with one call at a time.
    expect(value(step.cpu) / value(step.elapsed)).toBeCloseTo(1, 1)
  })

  it("subtracts the control's step, and divides by the cost over HTTP", () => {
    const share = figuresOf().shares.find(({ variant }) => variant === 'session')
    if (share === undefined) throw new Error('no share')
    expect(value(share.step)).toBeCloseTo(26.72 - 0.1, 0)
    expect(value(share.share)).toBeCloseTo(value(share.step) / value(share.http), 10)
    expect(value(share.remainder)).toBeCloseTo(value(share.http) - value(share.step), 10)
    expect(Math.abs(value(share.http) - 34.9)).toBeLessThan(3)
  })

  it('states CPU in process for the speed that costs over HTTP are stated for, and elapsed time as it was', () => {
    const made = exampleMicro()
    if (made.micro === undefined) throw new Error('no steps')
    const loads = [{ mode: 'saturation' as const, slope: 1, commonError: 0.01, slices: 60, explained: 0.9 }]
    const coreSpeed = { referenceWorkUs: 40, fastestWorkUs: 40, medianWorkUs: 44, slowWorkUs: 50, loads }
    // Everything in process took twice as long, and so did the work beside it.
    const slow = {
      ...made.micro,
      runs: made.micro.runs.map((run) => ({ ...run, cpuUs: 2 * run.cpuUs, medianUs: 2 * run.medianUs })),
      coreSpeeds: Array.from({ length: 4 }, (_, restart) => ({
        ...{ set: 0, restart, workUs: 80, fastestWorkUs: 78, samples: 200, probeCpuUs: 9000 },
      })),
    }
    const [plain, found] = [figuresOf(), microOf({ ...made, coreSpeed, micro: slow })]
    for (const [index, share] of plain.shares.entries()) {
      expect(value(found?.shares[index]?.share ?? { absent: 'none' })).toBeCloseTo(value(share.share), 10)
    }
    const step = (figures: MicroFigures | undefined) =>
      figures?.tasks.find(({ variant, kind }) => variant === 'session' && kind === 'step')?.elapsed ?? {
        absent: 'none',
      }
    expect(value(step(found))).toBeCloseTo(2 * value(step(plain)), 10)
    // Without a slope there is nothing to state it by.
    const asRead = microOf({ ...made, micro: slow })?.shares[0]?.step ?? { absent: 'none' }
    expect(value(asRead)).toBeCloseTo(2 * value(plain.shares[0]?.step ?? { absent: 'none' }), 10)
  })

  it('knows no share where nothing was measured over HTTP, and says why', () => {
    for (const { share, remainder, step } of figuresOf({ http: false }).shares) {
      expect(share).toEqual({ absent: 'nothing was measured over HTTP' })
      expect(remainder).toEqual(share)
      expect(step).not.toHaveProperty('absent')
    }
  })

  it('gives no interval from two restarts', () => {
    const { shares, tasks } = figuresOf({ restarts: 2 })
    expect(shares.every(({ step, share }) => 'absent' in step && 'absent' in share)).toBe(true)
    expect(tasks.every(({ cpu }) => 'absent' in cpu)).toBe(true)
  })
})

describe('the ranking of verifiers', () => {
  it('agrees where both measurements have one order', () => {
    const [ranking, ...others] = figuresOf().rankings
    expect(others).toEqual([])
    expect(ranking?.algorithm).toBe('HS256')
    expect(ranking?.inProcess).toEqual(['node', 'fast-jwt', 'jose'])
    expect(ranking?.overHttp).toEqual(['node', 'fast-jwt', 'jose'])
    expect(ranking?.pairs).toBe(3)
    expect(ranking?.told.every(({ agrees }) => agrees)).toBe(true)
    expect(ranking?.told).toContainEqual({ cheaper: 'node', dearer: 'jose', agrees: true })
  })

  it('finds a pair that is the other way round over HTTP', () => {
    const told = figuresOf({ nodeHttpUs: 40 }).rankings[0]?.told ?? []
    expect(told).toContainEqual({ cheaper: 'node', dearer: 'jose', agrees: false })
    expect(told).toContainEqual({ cheaper: 'fast-jwt', dearer: 'jose', agrees: true })
  })

  it('names a verifier that takes part with several forms of its key by them as well', () => {
    const results = exampleMicro()
    const variants = results.plan.variants.map((variant) =>
      variant.parameters.verifier === 'node'
        ? { ...variant, parameters: { ...variant.parameters, verifier: 'jose', key: 'bytes' } }
        : variant,
    )
    const [ranking] = microOf({ ...results, plan: { ...results.plan, variants } })?.rankings ?? []
    expect(ranking?.inProcess).toEqual(['jose (key as bytes)', 'fast-jwt', 'jose (best key)'])
    expect(ranking?.overHttp).toEqual(ranking?.inProcess)
    expect(ranking?.told).toContainEqual({ cheaper: 'jose (key as bytes)', dearer: 'jose (best key)', agrees: true })
  })

  it('tells nothing of a pair whose intervals overlap', () => {
    const told = figuresOf({ nodeHttpUs: 8 }).rankings[0]?.told ?? []
    expect(told.some(({ cheaper, dearer }) => cheaper === 'node' && dearer === 'fast-jwt')).toBe(false)
  })
})
