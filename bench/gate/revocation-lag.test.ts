import { describe, expect, it } from 'vitest'
import type { CredentialTraits, Revocation } from '../../servers/contract/strategy.ts'
import type { Send } from './http-sender.ts'
import { type LagTarget, measureRevocationLag } from './revocation-lag.ts'

const traits = (revocation: Revocation): CredentialTraits => ({
  form: 'opaque',
  carrier: { kind: 'cookie', name: 'id' },
  revocation,
})

/**
 * A server under a clock of its own: accepts until logout plus `lagMs`, or until the credential's lifetime ends.
 * A request takes 1 ms.
 */
function fakeServer(revocation: Revocation, options: { lagMs?: number; late?: number; born?: number } = {}) {
  let nowMs = 0
  let loggedOutMs = Number.POSITIVE_INFINITY
  let endsMs = 0
  let asked = 0
  const lifetimes: number[] = []
  const ask: Send = async () => {
    nowMs += 1
    asked += 1
    const revoked = nowMs > loggedOutMs + (options.lagMs ?? Number.POSITIVE_INFINITY)
    if (options.born !== undefined) return { status: options.born, body: '' }
    return { status: revoked || nowMs >= endsMs ? (options.late ?? 401) : 200, body: '' }
  }
  const target: LagTarget = {
    variant: { traits: traits(revocation) },
    recordedAs: 'strategy',
    async issue({ lifetimeS, fresh }) {
      expect(fresh).toBe(true)
      lifetimes.push(lifetimeS)
      endsMs = nowMs + lifetimeS * 1000
      return [{ cookie: 'id=1' }]
    },
    ask,
    async logOut(method, path, headers) {
      expect([method, path, headers]).toEqual(['POST', '/logout', { cookie: 'id=1' }])
      loggedOutMs = nowMs
      return { status: 204, body: '' }
    },
  }
  const clock = {
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms
    },
  }
  return { measure: () => measureRevocationLag(target, clock), lifetimes, asked: () => asked }
}

describe('the lag of a logout', () => {
  it('is 0 where the first request after it is refused', async () => {
    const server = fakeServer({ kind: 'next-request' }, { lagMs: 0 })
    expect(await server.measure()).toEqual({
      variant: 'strategy',
      event: 'logout',
      lagMs: 0,
      atMostMs: 0,
      formula: 'refused from the next request on',
    })
    // Once before the logout and once after it.
    expect(server.asked()).toBe(2)
  })

  it('is what it really was where a promise of the next request is not kept', async () => {
    const lag = await fakeServer({ kind: 'next-request' }, { lagMs: 300 }).measure()
    expect(lag?.atMostMs).toBe(0)
    expect(lag?.lagMs).toBeGreaterThanOrEqual(300)
    expect(lag?.lagMs).toBeLessThanOrEqual(311)
  })

  it('is waited for where a cache answers, to within one question', async () => {
    const lag = await fakeServer({ kind: 'within', ms: 1000 }, { lagMs: 740 }).measure()
    expect(lag?.lagMs).toBeGreaterThanOrEqual(740)
    expect(lag?.lagMs).toBeLessThanOrEqual(751)
    expect(lag).toMatchObject({ atMostMs: 1000, formula: 'up to what the variant keeps: 1 s' })
    expect(lag).not.toHaveProperty('lifetimeS')
  })

  it('is measured with a shortened lifetime where expiry alone ends a credential, and the formula tells the rest', async () => {
    const server = fakeServer({ kind: 'at-expiry', lifetimeS: 900 })
    const lag = await server.measure()
    expect(server.lifetimes).toEqual([2])
    expect(lag?.lagMs).toBeGreaterThan(1900)
    expect(lag?.lagMs).toBeLessThanOrEqual(2011)
    expect(lag).toMatchObject({
      lifetimeS: 2,
      atMostMs: 900_000,
      formula: 'up to the lifetime of the credential: 900 s',
    })
  })

  it('is absent without a question where a cache keeps answers for longer than is waited', async () => {
    const server = fakeServer({ kind: 'within', ms: 30_000 })
    expect(await server.measure()).toMatchObject({
      lagMs: { absent: 'longer than the 5 s that are waited for' },
      atMostMs: 30_000,
    })
    expect(server.asked()).toBe(0)
  })

  it('is absent where a credential is accepted for longer than is waited', async () => {
    const server = fakeServer({ kind: 'within', ms: 100 })
    expect(await server.measure()).toMatchObject({ lagMs: { absent: 'still accepted after 5 s' } })
  })

  it.each([
    [{ late: 503, lagMs: 50 }, 'answered with status 503 after the logout'],
    [{ born: 401 }, 'its fresh credential was not accepted (status 401)'],
  ])('is absent where a server that does not know is not one that refuses: %o', async (options, absent) => {
    const server = fakeServer({ kind: 'within', ms: 100 }, options)
    expect(await server.measure()).toMatchObject({ lagMs: { absent } })
  })

  it('is not asked for where there is nothing to revoke', async () => {
    const server = fakeServer({ kind: 'not-applicable' })
    expect(await server.measure()).toBeUndefined()
    expect(server.asked()).toBe(0)
  })
})
