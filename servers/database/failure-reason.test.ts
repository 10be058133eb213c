import { DatabaseError } from 'pg'
import { expect, it } from 'vitest'
import { isBroken, isUnavailable } from './counted-pg-pool.ts'
import { failureReason } from './failure-reason.ts'

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code })
const answered = (code: string): DatabaseError => Object.assign(new DatabaseError('words', 0, 'error'), { code })
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name })

it.each([
  [withCode('getaddrinfo EAI_AGAIN db.corp.example', 'EAI_AGAIN'), 'EAI_AGAIN'],
  [withCode('connect ECONNREFUSED 10.0.0.5:5432', 'ECONNREFUSED'), 'ECONNREFUSED'],
  [withCode('too many connections for role "svc"', '53300'), '53300'],
  [named('ReplyError', 'MOVED 3999 10.0.0.5:6381'), 'MOVED'],
  [new Error('Connection terminated unexpectedly'), 'the connection was closed'],
  [new Error('timeout exceeded when trying to connect'), 'no answer in time'],
  [new Error('Query read timeout'), 'no answer in time'],
  [new Error('no pg_hba.conf entry for host "10.0.0.5", user "svc"'), 'no connection'],
  [undefined, 'no connection'],
])('%s is said without host, user or name of a database', (cause, reason) => {
  expect(failureReason(cause)).toBe(reason)
})

it('takes what Postgres refuses for the moment for no answer, and what was wrong to ask for one', () => {
  for (const code of ['25006', '40001', '53300', '53100', '55P03', '57014'])
    expect(isUnavailable(answered(code))).toBe(true)
  for (const code of ['23505', '42601', '42P01', '22P02']) expect(isUnavailable(answered(code))).toBe(false)
  expect(isUnavailable(new Error('socket hang up'))).toBe(true)
})

it('keeps a connection unless it ended or leads to a server that takes no writes', () => {
  expect(['57P01', '08006', '25006'].map((code) => isBroken(answered(code)))).toEqual([true, true, true])
  expect(['23505', '40001', '53100', '57014'].map((code) => isBroken(answered(code)))).toEqual(Array(4).fill(false))
})
