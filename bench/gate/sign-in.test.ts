import { expect, it } from 'vitest'
import { readRefresh, readSignIn } from './sign-in.ts'

it('takes the cookies of a login apart by where they are sent', () => {
  const setCookies = [
    '__Host-a=1; Path=/; Max-Age=9; HttpOnly; SameSite=Lax; Secure',
    '__Secure-b=2; Path=/token; Max-Age=9; HttpOnly; SameSite=Strict; Secure',
  ]
  expect(readSignIn({ status: 201, body: '{"userId":1}', setCookies })).toEqual({
    headers: { cookie: '__Host-a=1' },
    refresh: { headers: { cookie: '__Secure-b=2' } },
  })
})

it('takes tokens out of a body', () => {
  const body = JSON.stringify({ access_token: 'a', refresh_token: 'r' })
  expect(readSignIn({ status: 200, body })).toMatchObject({
    headers: { authorization: 'Bearer a' },
    refresh: { body: '{"refresh_token":"r"}' },
  })
  expect(readSignIn({ status: 200, body: '{"access_token":"a"}' }).refresh).toBeUndefined()
})

it('does not take a failure for a refusal', () => {
  expect(readRefresh({ status: 401, body: '' }, 'jwt')).toBeUndefined()
  expect(() => readRefresh({ status: 503, body: '' }, 'jwt')).toThrow('answered 503')
})
