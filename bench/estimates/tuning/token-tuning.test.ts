import { describe, expect, it } from 'vitest'
import type { Results } from '../../record/run.ts'
import type { TokenRecommendation, TokenTuning } from '../../record/token-tuning.ts'
import { exampleResults } from '../slice.fixture.ts'
import { exampleTokenTuning, type TokenFixture } from './token-sweep.fixture.ts'
import { tokenTuning } from './token-tuning.ts'

const [hs, rs, es] = [
  { alg: 'HS256', us: 24, bytes: 290 },
  { alg: 'RS256', us: 44, bytes: 590, signingUs: 210 },
  { alg: 'ES256', us: 98, bytes: 335 },
] as const

function answerOf(results: Results): TokenTuning {
  const token = results.tuning?.token
  if (token === undefined) throw new Error('no answer')
  return token
}

const atSaturation = ({ recommendations }: TokenTuning): TokenRecommendation => {
  const found = recommendations.find(({ load }) => load.mode === 'saturation')
  if (found === undefined) throw new Error('no recommendation at saturation')
  return found
}

const tuned = (fixture: TokenFixture): TokenTuning => answerOf(exampleTokenTuning(fixture))

describe('the recommended token', () => {
  it('is the cheapest where that is shown, with what the second choice costs more', () => {
    const tuning = tuned({ sets: [[hs, rs, es]] })
    for (const { answer, second } of tuning.recommendations) {
      expect(answer).toEqual({ state: 'settled', variant: 'jwt:alg=HS256' })
      expect(second).toMatchObject({ variant: 'jwt:alg=RS256', shown: 'dearer' })
    }
    const extra = atSaturation(tuning).second?.extraUs
    if (extra === undefined || 'absent' in extra) throw new Error('no cost of the second choice')
    expect(extra.low).toBeLessThan(20)
    expect(extra.high).toBeGreaterThan(20)
    expect(tuning.sentences.join(' ')).toMatch(
      /At saturation, JWT HS256 is shown to be the cheapest: 2\d.* us .*290 bytes\. The second choice, JWT RS256, costs (19|2[01])\.\d+ us \(±[\d.]+\) more\./,
    )
  })

  it('is the one with the smallest token where the cheapest ones cannot be told apart', () => {
    const twins = [
      { alg: 'ES256', us: 80, bytes: 488, verifier: 'fast-jwt' },
      { alg: 'EdDSA', us: 80, bytes: 335, verifier: 'fast-jwt' },
    ]
    const tuning = tuned({ sets: [[...twins, { ...rs, us: 120 }]], restarts: 4 })
    const { answer, second } = atSaturation(tuning)
    expect(answer).toEqual({
      state: 'unsettled',
      variants: ['jwt:alg=ES256,verifier=fast-jwt', 'jwt:alg=EdDSA,verifier=fast-jwt'],
      variant: 'jwt:alg=EdDSA,verifier=fast-jwt',
    })
    expect(second?.shown).toBe('no-difference-shown')
    expect(tuning.sentences.join(' ')).toMatch(/cannot be told apart; of these, JWT EdDSA.* has the smallest token/)
  })

  it('is of those whose cost is known: what was not measured is not said to be like it, nor to have the larger token', () => {
    const saturated = (others: TokenFixture['sets'][number]) => {
      const results = exampleTokenTuning({ sets: [[{ ...rs, us: 24 }, ...others]], restarts: 3 })
      const slices = results.slices.map((slice) =>
        slice.variant === 'jwt:alg=HS256' ? { ...slice, doubts: [{ code: 'steal' as const, detail: 'half' }] } : slice,
      )
      const sentences = tokenTuning({ ...results, slices })?.sentences ?? []
      return sentences.find((sentence) => sentence.startsWith('At saturation')) ?? ''
    }
    expect(saturated([hs, { ...es, us: 60 }])).toMatch(
      /not settled: the cost of JWT HS256 is not known; of the others only JWT RS256 can be it \(2\d/,
    )
    expect(saturated([hs, { ...rs, us: 24, bytes: 600, verifier: 'fast-jwt' }])).toMatch(
      /not settled: JWT RS256 and JWT RS256, fast-jwt cannot be told apart, and the cost of JWT HS256 is not known; of those whose cost is known, JWT RS256 has the smallest token \(/,
    )
  })

  it('is, of tokens of one size that cannot be told apart, the one with the lowest cost so far', () => {
    const { recommendations, cells, sentences } = tuned({ sets: [[hs, { ...hs, verifier: 'fast-jwt' }]], restarts: 3 })
    for (const { load, answer } of recommendations) {
      const costs = cells.map(({ variant, costs }) => {
        const cost = costs.find((one) => one.load.mode === load.mode)?.appCpuUs
        return { variant, us: cost === undefined || 'absent' in cost ? Number.NaN : cost.value }
      })
      const [lowest] = costs.sort((a, b) => a.us - b.us)
      expect(answer).toMatchObject({ state: 'unsettled', variant: lowest?.variant })
    }
    expect(sentences.join(' ')).toContain('has the lowest cost so far, with tokens of one size')
  })

  it('is never settled by few rounds of tokens that cost the same, whatever noise says', () => {
    const settled = Array.from({ length: 20 }, (_, seed) =>
      atSaturation(tuned({ sets: [[hs, { ...rs, us: 24 }]], restarts: 3, rounds: 2, seed })),
    ).filter(({ answer }) => answer.state === 'settled')
    expect(settled.length).toBeLessThanOrEqual(2)
  })

  it('is found across sets, through the cost over the control of each', () => {
    const tuning = tuned({ sets: [[rs, es], [hs]] })
    expect(atSaturation(tuning)).toMatchObject({
      answer: { state: 'settled', variant: 'jwt:alg=HS256' },
      second: { variant: 'jwt:alg=RS256', shown: 'dearer' },
    })
  })

  it('agrees between seeds, or is called unsettled', () => {
    const named = [1, 2, 3, 4].flatMap((seed) => {
      const { answer } = atSaturation(tuned({ sets: [[hs, rs], [es]], seed }))
      return answer.state === 'settled' ? [answer.variant] : []
    })
    expect(new Set(named)).toEqual(new Set(['jwt:alg=HS256']))
  })

  it('is absent, with the reason, with fewer than 3 restarts', () => {
    expect(atSaturation(tuned({ sets: [[hs, rs]], restarts: 2 })).answer).toMatchObject({ state: 'none' })
  })
})

describe('what can be chosen', () => {
  it('must meet the needs: bytes as they were sent, asymmetric, post-quantum', () => {
    const tuning = tuned({ sets: [[hs, rs, es]], needs: { asymmetric: true, maxBytes: 400 } })
    const misses = Object.fromEntries(tuning.cells.map((cell) => [cell.variant, cell.misses]))
    expect(misses['jwt:alg=HS256']).toEqual(['HS256 is symmetric: who verifies can sign'])
    expect(misses['jwt:alg=RS256']).toEqual(['590 bytes are more than 400'])
    expect(atSaturation(tuning).answer).toEqual({ state: 'only-one', variant: 'jwt:alg=ES256' })
    expect(tuning.sentences[0]).toBe(
      'Asked for: asymmetric, at most 400 bytes. 1 of the 3 variants of the grid can be chosen.',
    )
    expect(atSaturation(tuned({ sets: [[hs, rs]], needs: { postQuantum: true } })).answer.state).toBe('none')
  })

  it('is no hand-written verification, unless nothing else was asked for', () => {
    const floor = { ...hs, verifier: 'node', us: 5 }
    expect(atSaturation(tuned({ sets: [[hs, rs, floor]] })).answer).toMatchObject({ variant: 'jwt:alg=HS256' })
    expect(atSaturation(tuned({ sets: [[floor, { ...rs, verifier: 'node' }]] })).answer).toMatchObject({
      variant: 'jwt:alg=HS256,verifier=node',
    })
  })
})

describe('the cost of signing', () => {
  it('is that of issuing a credential, less what an unsigned one takes', () => {
    const { cells, sentences } = tuned({ sets: [[hs, rs]] })
    const signing = cells.find(({ algorithm }) => algorithm === 'RS256')?.signingCpuUs
    if (signing === undefined || 'absent' in signing) throw new Error('no cost of signing')
    expect(signing.low).toBeLessThan(210)
    expect(signing.high).toBeGreaterThan(210)
    expect(signing.high - signing.low).toBeLessThan(10)
    expect(sentences.join(' ')).toMatch(/Signing a token costs.*HS256 (49|50|51)\.\d us.*RS256 (209|21[01])\.\d us/)
  })

  it('is absent where it was not measured', () => {
    const { signings: _signings, ...results } = exampleTokenTuning({ sets: [[hs, rs]] })
    expect(tokenTuning(results)?.cells[0]?.signingCpuUs).toEqual({ absent: 'signing was not measured' })
  })
})

describe('what limits throughput', () => {
  const results = exampleTokenTuning({ sets: [[hs, rs]] })

  it('is not measurable where the server has one core, and the words say so', () => {
    const tuning = answerOf(results)
    for (const { limitedBy } of tuning.cells)
      expect(limitedBy).toEqual({ absent: expect.stringContaining('not measurable') })
    expect(tuning.notMeasurable).toHaveLength(2)
    expect(tuning.sentences.join(' ')).toContain('Which UV_THREADPOOL_SIZE is best: not measurable on 2 cores.')
  })

  it('is told with two server cores, by how busy the event loop was', () => {
    const loopShare = { 'jwt:alg=HS256': 0.97, 'jwt:alg=RS256': 0.5 } as const
    const busy: Results = {
      ...results,
      environment: { ...results.environment, pinning: { servers: '2-3', database: '1', driver: '0' } },
      slices: results.slices.map((slice) => {
        const share = Object.entries(loopShare).find(([id]) => id === slice.variant)?.[1] ?? 0.9
        const eventLoopActiveUs = share * slice.durationMs * 1000
        return { ...slice, app: { ...slice.app, eventLoopActiveUs, cpuUs: eventLoopActiveUs + slice.durationMs * 900 } }
      }),
    }
    const limits = tokenTuning(busy)?.cells.map(({ limitedBy }) => limitedBy)
    expect(limits).toEqual(['event-loop', 'thread-pool'])
  })
})

it('leaves other runs alone', () => {
  expect(tokenTuning(exampleResults({ restarts: 3, rounds: 2 }))).toBeUndefined()
})
