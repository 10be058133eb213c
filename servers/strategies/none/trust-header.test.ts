import { expect, it } from 'vitest'
import { seededIdentity } from '../../contract/identity.ts'
import { identityHeader, trustHeader } from './trust-header.ts'

it('reads back the identity it was sent', () => {
  const user = seededIdentity(2_147_483_647)
  expect(trustHeader(identityHeader(user)['x-authcost-user'])).toEqual(user)
})

it.each(['', 'x', '1', '1.a', '.a.b', '0.a.b', '-1.a.b', '2147483648.a.b', '1.5', 'NaN.a.b'])(
  'refuses %j',
  (header) => {
    expect(trustHeader(header)).toEqual({ refused: 'malformed' })
  },
)

it('refuses a request without the header', () => {
  expect(trustHeader(undefined)).toEqual({ refused: 'missing' })
})
