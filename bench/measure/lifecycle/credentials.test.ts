import { expect, test } from 'vitest'
import { after, headersTo, noCredentials } from './credentials.ts'

const answer = (cookies: readonly string[], body = '') => ({ status: 200, cookies: [...cookies], body })
const signedIn = after(
  noCredentials,
  answer([
    '__Host-access=a=1; Path=/; Max-Age=900; HttpOnly; SameSite=Lax; Secure',
    '__Secure-refresh=r; Path=/token; Max-Age=900; HttpOnly; SameSite=Strict; Secure',
  ]),
)

test('a cookie goes to the paths below its own and to no other', () => {
  expect(headersTo('/me', signedIn)).toEqual({ cookie: '__Host-access=a=1' })
  expect(headersTo('/token', signedIn)).toEqual({ cookie: '__Host-access=a=1; __Secure-refresh=r' })
  expect(headersTo('/tokens', signedIn)).toEqual({ cookie: '__Host-access=a=1' })
})

test('a cookie set anew takes the place of the old, one with no age left goes', () => {
  const renewed = after(
    signedIn,
    answer(['__Host-access=b; Path=/; Max-Age=900', '__Secure-refresh=; Path=/token; Max-Age=0']),
  )
  expect(headersTo('/token', renewed)).toEqual({ cookie: '__Host-access=b' })
})

test('tokens of a body go into the Authorization header, and the last ones count', () => {
  const first = after(noCredentials, answer([], '{"access_token":"a1","refresh_token":"r1"}'))
  expect(headersTo('/me', first)).toEqual({ authorization: 'Bearer a1' })
  const second = after(first, answer([], '{"access_token":"a2","refresh_token":"r2"}'))
  expect(headersTo('/logout', second)).toEqual({ authorization: 'Bearer a2' })
  expect(second.refreshToken).toBe('r2')
})

test('an answer that is no JSON changes nothing', () => {
  expect(after(signedIn, answer([], '<html>'))).toEqual(signedIn)
})
