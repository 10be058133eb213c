import { describe, expect, it } from 'vitest'
import { requireRoom } from './connection-room.ts'

const external = (most?: string) =>
  ({ kind: 'external', settings: most === undefined ? {} : { max_connections: most } }) as const

describe('a Postgres of the user', () => {
  it('with too few connections for the plan is refused, with both numbers', () => {
    expect(() => requireRoom(external('100'), 101)).toThrow(
      expect.objectContaining({
        code: 'postgres.max-connections',
        message: expect.stringMatching(/may hold 101 connections .* allows 100 \(max_connections\)/),
      }),
    )
  })

  it('with just enough, or one that does not tell, is taken', () => {
    expect(() => requireRoom(external('100'), 100)).not.toThrow()
    expect(() => requireRoom(external(), 1000)).not.toThrow()
  })

  it('is what is asked about: one of our own is started with enough', () => {
    expect(() => requireRoom({ kind: 'embedded', settings: { max_connections: '1' } }, 1000)).not.toThrow()
  })
})
