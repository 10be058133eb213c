import { describe, expect, it } from 'vitest'
import { parseVariant } from '../../servers/strategies/table.ts'
import { badKindsOf } from './bad-kinds.ts'

const kinds = (text: string) => badKindsOf(parseVariant(text).traits)

describe('the kinds of bad credentials that a variant is sent', () => {
  it('are all where it promises to refuse what was revoked', () => {
    expect(kinds('session')).toEqual({ sent: ['absent', 'forged', 'expired', 'revoked'], leftOut: [] })
    expect(kinds('jwt:alg=HS256,denylist=postgres').sent).toContain('revoked')
    expect(kinds('jwt:alg=HS256,denylist=memory').sent).toContain('revoked')
  })

  it('spare it what it does not promise, with the reason', () => {
    const { sent, leftOut } = kinds('jwt:alg=ES256')
    expect(sent).toEqual(['absent', 'forged', 'expired'])
    expect(leftOut).toEqual([{ kind: 'revoked', reason: 'it promises to end a credential by its expiry alone' }])
    expect(kinds('session:cacheTtl=30s').leftOut).toMatchObject([{ kind: 'revoked' }])
  })

  it('are absent and malformed for the control, which has nothing to forge', () => {
    expect(kinds('none').sent).toEqual(['absent', 'malformed'])
  })
})
