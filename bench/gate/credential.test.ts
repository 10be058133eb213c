import { describe, expect, it } from 'vitest'
import { credentialOf, headersCarrying, oneCharacterChanged, sameShape, withoutCookie } from './credential.ts'

const cookie = { kind: 'cookie', name: '__Host-id' } as const
const bearer = { kind: 'header', name: 'Authorization', scheme: 'Bearer' } as const

describe('credentialOf', () => {
  it.each([cookie, bearer, { kind: 'header', name: 'x-user' } as const])(
    'reads back what $kind $name carries',
    (carrier) => {
      expect(credentialOf(headersCarrying(carrier, 'abc=.-_'), carrier)).toBe('abc=.-_')
    },
  )

  it('finds the cookie among others, one of which ends with its name', () => {
    expect(credentialOf({ cookie: 'x__Host-id=1; __Host-id=2; z=3' }, cookie)).toBe('2')
  })

  it('finds nothing where the header or its scheme is another', () => {
    expect(credentialOf({}, cookie)).toBeUndefined()
    expect(credentialOf({ authorization: 'Basic abc' }, bearer)).toBeUndefined()
  })
})

describe('headersCarrying', () => {
  it('repeats a cookie for each credential', () => {
    expect(headersCarrying(cookie, 'a', 'b')).toEqual({ cookie: '__Host-id=a; __Host-id=b' })
  })

  it('joins lines of a header as proxies do, each with its scheme', () => {
    expect(headersCarrying(bearer, 'a', 'b')).toEqual({ authorization: 'Bearer a, Bearer b' })
  })
})

describe('made-up credentials', () => {
  it('keep length and separators, and differ', () => {
    const made = sameShape('abcDEF.012-345_xyz', () => 7)
    expect(made).toMatch(/^[A-Za-z]{6}\.\d{3}-\d{3}_[A-Za-z]{3}$/)
    expect(made).not.toBe('abcDEF.012-345_xyz')
  })

  it.each(['AAAA', 'aaaa', 'ab--', '----'])('differ from %s in exactly one character', (credential) => {
    const changed = oneCharacterChanged(credential)
    const differing = [...changed].filter((character, i) => character !== credential[i])
    expect([changed.length, differing.length]).toEqual([credential.length, 1])
  })
})

describe('withoutCookie', () => {
  it.each([
    ['a=1; b=2; c=3', 'b', 'a=1; c=3'],
    ['b=2; c=3', 'b', 'c=3'],
    ['a=1; b=2', 'b', 'a=1'],
    ['a=b; bb=2', 'b', 'a=b; bb=2'],
  ])('of %j leaves out %s', (cookie, name, left) => {
    expect(withoutCookie({ cookie, accept: '*/*' }, name)).toEqual({ cookie: left, accept: '*/*' })
  })

  it('sends no empty header', () => {
    expect(withoutCookie({ cookie: 'b=2' }, 'b')).toEqual({})
    expect(withoutCookie({}, 'b')).toEqual({})
  })
})
