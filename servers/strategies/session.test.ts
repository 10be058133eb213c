import { expect, it } from 'vitest'
import { session } from './session.ts'

const idOf = (raw: Record<string, unknown>): string => session.parse(raw).id
const layoutName = (raw: Record<string, unknown>): string | undefined => session.parse(raw).sessionLayout?.name

it.each([
  [{ cacheTtl: '1000' }, 'session:cacheTtl=1s'],
  [{ cacheTtl: 1000 }, 'session:cacheTtl=1s'],
  [{ cacheTtl: '0' }, 'session'],
  [{ cacheTtl: '2m' }, 'session:cacheTtl=120s'],
  [{ cacheTtl: '1.5s' }, 'session:cacheTtl=1500ms'],
  [{ touch: 'every 60 s' }, 'session:touch=60s'],
  [{ touch: '60' }, 'session:touch=60s'],
  [{ prepared: 'true' }, 'session'],
])('%j has one canonical id', (raw, id) => {
  const variant = session.parse(raw)
  expect(variant.id).toBe(id)
  // What a server is told is what was resolved, and means the same there.
  expect(session.parse(variant.parameters)).toEqual(variant)
})

it('shares a table between variants that only read it, and gives one that writes a table of its own', () => {
  expect(layoutName({})).toBe('session_auth')
  expect(layoutName({ cacheTtl: '1s', prepared: 'false' })).toBe('session_auth')
  expect(layoutName({ hash: 'plain', idBytes: 16 })).toBe('session_auth_plain_16_bytes')
  const written = [
    { touch: 'always' },
    { touch: '60s' },
    { touch: '60s', cacheTtl: '1s' },
    { touch: '60s', table: 'unlogged' },
  ].map(layoutName)
  expect(new Set([...written, 'session_auth']).size).toBe(5)
  expect(layoutName({ touch: '60s' })).toBe(layoutName({ touch: 'every 60s' }))
})

it('promises what its cache lets it keep', () => {
  expect(session.parse({}).traits.revocation).toEqual({ kind: 'next-request' })
  expect(session.parse({ cacheTtl: '1s', store: 'redis' }).traits).toMatchObject({
    revocation: { kind: 'within', ms: 1000 },
    periodic: { everyMs: 1000 },
  })
  expect(session.parse({}).traits.idleTimeoutS).toBeUndefined()
  expect(session.parse({ touch: '60s' }).traits.idleTimeoutS).toBe(1800)
})

it('warns of what is unsafe or does not last', () => {
  const codes = session.parse({ hash: 'plain', table: 'unlogged' }).warnings.map(({ code }) => code)
  expect(codes).toEqual(['session-id-plain', 'session-table-unlogged'])
  expect(session.parse({}).warnings).toEqual([])
})

it.each([
  [{ idleTimeoutS: 60 }, 'Add touch'],
  [{ touch: '60s', idleTimeoutS: 60 }, 'must be longer than touch and cacheTtl together'],
  [{ touch: 'always', cacheTtl: '30m' }, 'must be longer than touch and cacheTtl together'],
  [{ store: 'redis', index: 'hash' }, 'a matter of Postgres'],
  [{ store: 'redis', prepared: 'false' }, 'a matter of Postgres'],
  [{ cacheTtl: 'soon' }, 'write it as off, 500ms'],
  [{ touch: '0s' }, 'write it as never, always'],
  [{ idBytes: 8 }, '16'],
])('%j is a usage error that says why', (raw, message) => {
  expect(() => idOf(raw)).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }))
})
