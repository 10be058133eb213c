import { homedir } from 'node:os'
import { expect, it } from 'vitest'
import { redactCommandLine } from './redact.ts'

it.each([
  [['--postgres', 'postgres://admin:s3cret@db.internal:5432/app?sslmode=require']],
  [['--postgres=postgresql://admin:s3cret@db.internal/app']],
  [['--postgres', 'POSTGRES://admin:s3cret@db.internal/app']],
  [['--redis', 'rediss://:s3cret@db.internal:6379/0']],
])('keeps neither credentials nor host of %j', (argv) => {
  const line = redactCommandLine(argv)
  expect(line).not.toMatch(/s3cret|admin|db\.internal/)
  expect(line).toContain('<redacted>')
})

it('shortens the home folder, which tells the name of the user', () => {
  const line = redactCommandLine(['--out', `${homedir()}/reports`])
  expect(line).toBe('authcost --out ~/reports')
})

it('can be typed again: what a shell would split or expand is quoted', () => {
  expect(redactCommandLine(['session', 'jwt:alg=ES256,verifier=jose'])).toBe(
    'authcost session jwt:alg=ES256,verifier=jose',
  )
  expect(redactCommandLine(['--out', 'my reports', "it's", '$HOME', ''])).toBe(
    `authcost --out 'my reports' 'it'\\''s' '$HOME' ''`,
  )
})
