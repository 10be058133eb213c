import { describe, expect, it } from 'vitest'
import { parseVariant } from '../../servers/strategies/table.ts'
import { makePlan, mostServersAtOnce } from './plan.ts'
import { deploymentsOf, mostInstances, noAxes, parseAxes, varyTexts } from './vary.ts'

describe('what is given with --vary', () => {
  it('is sorted into loads, deployments and parameters', () => {
    expect(parseAxes(['pool=2, 5', 'connections=8,64', 'dbDelay=0,0.5ms,2ms', 'rate=500', 'alg=HS256,ES256'])).toEqual({
      ...noAxes,
      poolSizes: [2, 5],
      connections: [8, 64],
      dbDelaysUs: [0, 500, 2000],
      rates: [500],
      parameters: [{ name: 'alg', values: ['HS256', 'ES256'] }],
    })
  })

  it('counts once, however often and in whatever way it is written', () => {
    expect(parseAxes(['dbDelay=0,0ms,2ms,2000us', 'connections=10,010,8', 'alg=HS256,HS256'])).toEqual({
      ...noAxes,
      dbDelaysUs: [0, 2000],
      connections: [10, 8],
      parameters: [{ name: 'alg', values: ['HS256'] }],
    })
    expect(makePlan({ variants: ['session'], vary: ['dbDelay=1ms,1000us', 'pool=5,05'] }).sets.flat()).toHaveLength(3)
  })

  it.each(['constructor', 'toString'])('is no axis for being a property of every object: %s', (name) => {
    expect(parseAxes([`${name}=1`]).parameters).toEqual([{ name, values: ['1'] }])
    expect(() => makePlan({ variants: ['session'], vary: [`${name}=1`] })).toThrow(/has a parameter of that name/)
    expect(varyTexts(['./own.ts'], parseAxes([`${name}=1`]))).toEqual([`./own.ts:${name}=1`])
  })

  it.each([
    [['pool'], /pool=2,5,10/],
    [['pool='], /cannot be read/],
    [['pool=0'], /from 1 to 1000/],
    [['pool=two'], /whole number/],
    [['instances=7'], /from 1 to 6/],
    [['sessions=1'], /from 2 to 10000000/],
    [['dbDelay=soon'], /duration such as 0.5ms/],
    [['pool=1', 'pool=2'], /given twice/],
  ])('is refused by name where it cannot be: %j', (texts, message) => {
    expect(() => parseAxes(texts)).toThrow(message)
  })
})

describe('parameters', () => {
  const axes = parseAxes(['alg=HS256,ES256', 'verifier=jose,node'])

  it('are combined for the strategies that have them and leave the others alone', () => {
    expect(varyTexts(['session', 'jwt'], axes)).toEqual([
      'session',
      'jwt:alg=HS256,verifier=jose',
      'jwt:alg=HS256,verifier=node',
      'jwt:alg=ES256,verifier=jose',
      'jwt:alg=ES256,verifier=node',
    ])
  })

  it('that no variant has are refused with the nearest name', () => {
    expect(() => varyTexts(['session'], parseAxes(['touhc=never']))).toThrow(/Did you mean touch\?/)
  })

  it('that a variant gives already are refused', () => {
    expect(() => varyTexts(['jwt:alg=RS256'], axes)).toThrow(/gives alg already/)
  })
})

describe('deployments', () => {
  const axes = parseAxes(['pool=2,5', 'dbDelay=0,2ms'])

  it('are every combination of pool and distance for a variant that asks Postgres', () => {
    expect(deploymentsOf(parseVariant('session'), axes)).toEqual([
      { dbDelayUs: 0, poolSize: 2 },
      { dbDelayUs: 0, poolSize: 5 },
      { dbDelayUs: 2000, poolSize: 2 },
      { dbDelayUs: 2000, poolSize: 5 },
    ])
  })

  it('vary the table only of what looks sessions up in one', () => {
    const sizes = parseAxes(['sessions=1000,9000'])
    expect(deploymentsOf(parseVariant('session'), sizes)).toEqual([{ sessions: 1000 }, { sessions: 9000 }])
    for (const text of ['session:store=redis', 'jwt:alg=HS256,denylist=postgres', 'jwt:alg=HS256'])
      expect(deploymentsOf(parseVariant(text), sizes)).toEqual([undefined])
  })

  it('vary app instances of what asks Postgres, which they share, in sets that have room for them', () => {
    const instances = parseAxes(['instances=1,2'])
    expect(deploymentsOf(parseVariant('session'), instances)).toEqual([{ instances: 1 }, { instances: 2 }])
    expect(deploymentsOf(parseVariant('jwt:alg=HS256'), instances)).toEqual([undefined])
    expect(mostInstances).toBe(mostServersAtOnce - 2)
  })

  it.each([
    [
      'pool=2,5',
      ['jwt:alg=HS256'],
      /pool is varied.*jwt:alg=HS256 \(each asks Postgres nothing.*such as session, .*denylist=postgres/,
    ],
    ['dbDelay=0,2ms', ['jwt:alg=HS256', 'sealed'], /dbDelay is varied.*jwt:alg=HS256, sealed \(/],
    ['instances=1,2', ['jwt:alg=HS256'], /instances is varied.*jwt:alg=HS256 \(each asks Postgres nothing/],
    ['sessions=1000,9000', ['jwt:denylist=postgres'], /sessions is varied.*looks no session up.*such as session, /],
  ])('are refused where nobody would notice: --vary %s of %j', (vary, variants, message) => {
    expect(() => makePlan({ variants, vary: [vary], users: 100 })).toThrow(message)
    expect(() => makePlan({ variants: [...variants, 'session'], vary: [vary], users: 100 })).not.toThrow()
  })

  it('are for all in threads and loads', () => {
    for (const vary of ['threads=2,4', 'connections=1,8', 'rate=500,900'])
      expect(() => makePlan({ variants: ['jwt:alg=HS256'], vary: [vary] })).not.toThrow()
  })

  it.each(['jwt:alg=HS256', 'session:store=redis'])('do not touch a variant that asks Postgres nothing: %s', (text) => {
    expect(deploymentsOf(parseVariant(text), axes)).toEqual([undefined])
  })

  it('are for a token that looks itself up', () => {
    expect(deploymentsOf(parseVariant('jwt:alg=HS256,denylist=postgres'), axes)).toHaveLength(4)
  })
})
