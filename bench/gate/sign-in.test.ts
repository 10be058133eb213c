import { expect, it } from 'vitest'
import { readRefresh, readSignIn } from './sign-in.ts'

it('takes the cookies of a login apart by where they are sent', () => {
  const setCookies = [
    '__Host-a=1; Path=/; Max-Age=9; HttpOnly; SameSite=Lax; Secure',
    '__Secure-b=2; Path=/token; Max-Age=9; HttpOnly; SameSite=Strict; Secure',
  ]
  const answer = { status: 201, body: '{"userId":1}', setCookies }
  expect(readSignIn(answer, true)).toEqual({
    headers: { cookie: '__Host-a=1' },
    refresh: { headers: { cookie: '__Host-a=1; __Secure-b=2' } },
  })
  expect(readSignIn(answer, false).refresh).toBeUndefined()
})

it.each(['/', '/token', '/token/'])(
  'takes a refresh cookie of path %s for one where a browser would send it',
  (path) => {
    const setCookies = ['access=1; Path=/me', `refresh=2; HttpOnly; path=${path}`, 'old=; Path=/; Max-Age=0']
    const { headers, refresh } = readSignIn({ status: 201, body: '', setCookies }, true)
    expect(headers.cookie).toBe(path === '/' ? 'access=1; refresh=2' : 'access=1')
    expect(refresh?.headers.cookie).toBe(path === '/token/' ? undefined : 'refresh=2')
  },
)

it('takes tokens out of a body', () => {
  const body = JSON.stringify({ access_token: 'a', refresh_token: 'r' })
  expect(readSignIn({ status: 200, body }, true)).toMatchObject({
    headers: { authorization: 'Bearer a' },
    refresh: { body: '{"refresh_token":"r"}' },
  })
  expect(readSignIn({ status: 200, body: '{"access_token":"a"}' }, true).refresh).toBeUndefined()
})

it('does not take a failure for a refusal', () => {
  expect(readRefresh({ status: 401, body: '' }, 'jwt')).toBeUndefined()
  expect(() => readRefresh({ status: 503, body: '' }, 'jwt')).toThrow('answered 503')
})
