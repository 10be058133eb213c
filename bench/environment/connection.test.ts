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

test.each([
  ['timeout expired', 'postgres.unreachable', /no answer in time/],
  ['Connection terminated unexpectedly', 'postgres.unreachable', /connection was closed/],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'postgres.password-missing', /PGPASSWORD/],
  ['The server does not support SSL connections', 'postgres.ssl', /sslmode/],
  ['There was an error establishing an SSL connection', 'postgres.login', /establishing an SSL connection\.$/],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: invalid iteration count', 'postgres.login', /invalid iteration count\.$/],
  ['something about secret at db.example', 'postgres.unreachable', /not repeated/],
])('"%s", which has no code, is told as what it is', (text, code, message) => {
  const error = connectionFailure(new Error(text), url)
  expect(error).toMatchObject({ code, exitCode: 1 })
  expect(error.message).toMatch(message)
  expect(error.message).toContain('5433')
  expect(error.message).not.toMatch(/zoe9|secret|db\.example|shop/)
  if (text !== 'timeout expired') expect(error.message).not.toContain('in time')
})
