import { expect, test } from 'vitest'
import { connectionFailure } from './connection.ts'

const url = 'postgres://zoe9:secret@db.example:5433/shop'
const failure = (code: string) => connectionFailure(Object.assign(new Error(`${code} db.example`), { code }), url)

test.each([
  ['ENOTFOUND', /host name .* cannot be resolved.*Check its spelling/],
  ['ECONNREFUSED', /Cannot reach the database on port 5433 \(ECONNREFUSED\)/],
  ['28P01', /refused the login/],
  ['3D000', /does not exist/],
  ['53300', /no connection left/],
])('%s is told in words that name neither host nor user', (code, message) => {
  const error = failure(code)
  expect(error.message).toMatch(message)
  expect(error.message).not.toMatch(/zoe9|secret|db\.example|shop/)
  expect(error.exitCode).toBe(1)
})
