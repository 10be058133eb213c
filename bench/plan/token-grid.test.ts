import { describe, expect, it } from 'vitest'
import { parseVariant } from '../../servers/strategies/table.ts'
import { plannedVariants } from './plan.ts'
import { type TokenGridInput, tokenTuningPlan } from './token-grid.ts'

const oneCore = { absent: 'not measurable on 2 cores' }

const keys = (input: TokenGridInput, cores: true | typeof oneCore = oneCore): string[] =>
  plannedVariants(tokenTuningPlan(input, cores)).flatMap(({ key, role }) => (role === 'candidate' ? [key] : []))

const hasMlDsa = (() => {
  try {
    return parseVariant('jwt:alg=ML-DSA-44').id !== ''
  } catch {
    return false
  }
})()

describe('the grid of tune token', () => {
  it('has every kind of algorithm with jose, and the other libraries for the usual ones, in few sets', () => {
    const found = keys({})
    for (const alg of ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA']) expect(found).toContain(`jwt:alg=${alg}`)
    for (const verifier of ['fast-jwt', 'jsonwebtoken', 'node'])
      expect(found).toContain(`jwt:alg=ES256,verifier=${verifier}`)
    expect(found).not.toContain('jwt:alg=EdDSA,verifier=jsonwebtoken')
    expect(found.length).toBeGreaterThanOrEqual(12)
    expect(found.length).toBeLessThanOrEqual(18)
    for (const set of tokenTuningPlan({}, oneCore).sets)
      expect(set.filter(({ role }) => role !== 'candidate')).toHaveLength(2)
  })

  it('says which combinations it left out, with the reason', () => {
    const reasons = (input: TokenGridInput) => tokenTuningPlan(input, oneCore).tokenGrid?.leftOut ?? []
    expect(reasons({}).find(({ combination }) => combination.includes('EdDSA,verifier=jsonwebtoken'))?.reason).toMatch(
      /jsonwebtoken does not verify EdDSA/,
    )
    expect(reasons({}).some(({ combination }) => combination.includes('ML-DSA'))).toBe(!hasMlDsa)
    expect(reasons({ alg: 'HS256,ES256', key: 'bytes' })).toHaveLength(1)
  })

  it('multiplies what is named; only RSA has a modulus', () => {
    expect(keys({ alg: 'HS256,RS256', modulus: '2048,4096', claims: '0,500' })).toEqual([
      'jwt:alg=HS256',
      'jwt:alg=HS256,claims=500',
      'jwt:alg=RS256',
      'jwt:alg=RS256,claims=500',
      'jwt:alg=RS256,modulus=4096',
      'jwt:alg=RS256,claims=500,modulus=4096',
    ])
  })

  it('measures nothing that cannot meet the needs', () => {
    expect(keys({ asymmetric: true }).filter((key) => key.includes('alg=HS'))).toEqual([])
    expect(keys({ alg: 'HS256,ES256', asymmetric: true })).toEqual(['jwt:alg=ES256'])
    expect(() => keys({ alg: 'HS256', asymmetric: true })).toThrow(/Nothing is left/)
  })

  it('has post-quantum algorithms where the runtime has them, and else says why not', () => {
    if (hasMlDsa) {
      expect(keys({ postQuantum: true }).every((key) => key.includes('ML-DSA'))).toBe(true)
    } else {
      expect(() => keys({ postQuantum: true })).toThrow(/--post-quantum.*it needs Node/)
    }
  })

  it('refuses thread-pool sizes where servers have one core, and varies them where they have two', () => {
    expect(() => keys({ alg: 'RS256', threads: '1,4' })).toThrow(/not measurable on 2 cores/)
    expect(keys({ alg: 'RS256', threads: '1,4' }, true)).toEqual(['jwt:alg=RS256@threads=1', 'jwt:alg=RS256@threads=4'])
    expect(tokenTuningPlan({}, true)).toMatchObject({ serverCores: 2, tokenGrid: { threads: 'fixed' } })
    expect(tokenTuningPlan({}, oneCore).tokenGrid?.threads).toEqual(oneCore)
  })

  it('refuses the size of an RSA key where nothing that is measured has one', () => {
    expect(() => keys({ alg: 'ES256', modulus: '3072' })).toThrow(/--modulus 3072 .* none of .* has one: ES256\./)
    expect(() => keys({ alg: 'HS256,EdDSA', modulus: '2048' })).toThrow(/--modulus 2048/)
    expect(() => keys({ postQuantum: true, modulus: '3072' })).toThrow(/--modulus 3072/)
    expect(() => keys({ alg: 'RS256,ML-DSA-44', postQuantum: true, modulus: '3072' })).toThrow(/--modulus 3072/)
    expect(keys({ alg: 'ES256,PS256', modulus: '3072' })).toEqual(['jwt:alg=ES256', 'jwt:alg=PS256,modulus=3072'])
    expect(keys({ modulus: '3072' })).toContain('jwt:alg=RS256,modulus=3072')
    expect(() => keys({ alg: 'RS256', postQuantum: true, modulus: '3072' })).toThrow(/--post-quantum/)
  })

  it('names the option that is wrong', () => {
    expect(() => keys({ alg: 'HS265' })).toThrow(/--alg HS265.*Did you mean HS256/)
    expect(() => keys({ verifier: 'joze' })).toThrow(/--verifier joze/)
    expect(() => keys({ modulus: '1000' })).toThrow(/modulus/)
    expect(() => keys({ maxBytes: 'few' })).toThrow(/--max-bytes/)
    expect(() => keys({ alg: ' , ' })).toThrow(/--alg/)
  })
})
