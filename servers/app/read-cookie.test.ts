import { describe, expect, it } from 'vitest'
import { duplicateCookie, readCookie } from './read-cookie.ts'

describe('readCookie', () => {
  it.each([
    ['id=1', '1'],
    ['a=x; id=1', '1'],
    ['a=x;id=1; b=y', '1'],
    ['id=', ''],
    ['id=a=b', 'a=b'],
    ['id=x; xid=y; idx=z', 'x'],
  ])('finds the value in %j', (header, value) => {
    expect(readCookie(header, 'id')).toBe(value)
  })

  it.each([undefined, '', 'a=x', 'xid=1', 'a=id=1', 'ID=1', 'id'])('finds nothing in %j', (header) => {
    expect(readCookie(header, 'id')).toBeUndefined()
  })

  it.each(['id=1; id=1', 'id=1;id=2', 'id=1; a=x;  id=2'])('refuses to choose in %j', (header) => {
    expect(readCookie(header, 'id')).toBe(duplicateCookie)
  })
})
