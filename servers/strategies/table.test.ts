import { describe, expect, it } from 'vitest'
import { parseVariant, splitVariant, strategies, strategyNamed } from './table.ts'

describe('parseVariant', () => {
  it.each([
    ['none', 'none'],
    ['session', 'session'],
    ['jwt', 'jwt:alg=HS256'],
    ['jwt:alg=ES256', 'jwt:alg=ES256'],
    ['jwt:transport=bearer,alg=RS256', 'jwt:alg=RS256,transport=bearer'],
    ['jwt:alg=EdDSA,transport=cookie,accessLifetimeS=900', 'jwt:alg=EdDSA'],
    ['synthetic:cpu=10us', 'synthetic:cpu=10us'],
  ])('%s has the canonical id %s', (text, id) => {
    expect(parseVariant(text).id).toBe(id)
  })

  it('parses its own ids to the same variant', () => {
    const variant = parseVariant('jwt:alg=RS256,modulus=3072,accessLifetimeS=60')
    expect(parseVariant(variant.id)).toEqual(variant)
    expect(variant.traits.revocation).toEqual({ kind: 'at-expiry', lifetimeS: 60 })
  })

  it.each([
    ['sesion', /"session"/],
    ['jwt:alg=HS257', /"alg" cannot be "HS257"/],
    ['jwt:algo=HS256', /has no parameter "algo".*alg/],
    ['jwt:alg', /name=value/],
    ['jwt:alg=HS256,alg=HS256', /twice/],
    ['jwt:modulus=1024', /modulus/],
    ['synthetic:cpu=10', /10us/],
    ['./mine.js', /strategy file/],
  ])('refuses %s as a usage error that says what to do', (text, message) => {
    expect(() => parseVariant(text)).toThrow(message)
    expect(() => parseVariant(text)).toThrow(expect.objectContaining({ exitCode: 2 }))
  })
})

it('tells strategy files from names', () => {
  expect(splitVariant('./mine.js:a=1')).toEqual({ strategy: './mine.js', raw: { a: '1' }, isFile: true })
  expect(splitVariant('session').isFile).toBe(false)
})

it('lists every strategy under a name of its own, with help for each parameter', () => {
  expect(new Set(strategies.map(({ name }) => name)).size).toBe(strategies.length)
  for (const strategy of strategies) {
    expect(strategyNamed(strategy.name)).toBe(strategy)
    for (const help of strategy.parameterHelp) expect(help.description, `${strategy.name} ${help.name}`).not.toBe('')
  }
})

it('has a control that takes identity on trust', () => {
  expect(parseVariant('none')).toMatchObject({ id: 'none', traits: { form: 'none' } })
})
