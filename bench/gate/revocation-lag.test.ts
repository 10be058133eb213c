import { describe, expect, it } from 'vitest'
import { identityBody } from '../../servers/contract/identity.ts'
import type { Revocation, RevocationEvent } from '../../servers/contract/revocation.ts'
import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { Send } from './http-sender.ts'
import { type LagTarget, measureRevocationLag } from './revocation-lag.ts'

const traits = (revocation: Revocation): CredentialTraits => ({
  form: 'opaque',
  carrier: { kind: 'cookie', name: 'id' },
  revocation,
})

interface Behaviour {
  /** How long an event goes unnoticed. */
  readonly lagMs?: number
  /** Answered in place of a refusal. */
  readonly late?: number
  /** Answered whatever happens. */
  readonly born?: number
  /** Every use puts the end off. */
  readonly rolling?: boolean
}

/**
 * A server under a clock of its own, with one user: an event shows `lagMs` after it, and the credential ends with its
 * lifetime. A request takes 1 ms.
 */
function fakeServer(revocation: Revocation, behaviour: Behaviour = {}) {
  let nowMs = 0
  let endedMs = Number.POSITIVE_INFINITY
  let changedMs = Number.POSITIVE_INFINITY
  let expiresMs = 0
  let asked = 0
  const lifetimes: number[] = []
  const deleted: number[] = []
  const seen = (happenedMs: number) => nowMs > happenedMs + (behaviour.lagMs ?? Number.POSITIVE_INFINITY)
  const ask: Send = async () => {
    nowMs += 1
    asked += 1
    if (behaviour.born !== undefined) return { status: behaviour.born, body: '' }
    if (seen(endedMs) || (behaviour.rolling !== true && nowMs >= expiresMs)) {
      return { status: behaviour.late ?? 401, body: '' }
    }
    const role = seen(changedMs) ? 'changed' : 'member'
    return { status: 200, body: identityBody({ userId: 7, username: 'disposable', role }) }
  }
  const target: LagTarget = {
    variant: { traits: traits(revocation) },
    recordedAs: 'strategy',
    async createUser({ lifetimeS }) {
      lifetimes.push(lifetimeS)
      expiresMs = nowMs + lifetimeS * 1000
      return { user: { userId: 7, username: 'disposable', role: 'member' }, requestHeaders: { cookie: 'id=1' } }
    },
    async changeRole(userId, role) {
      expect([userId, role]).toEqual([7, 'changed'])
      changedMs = nowMs
    },
    async deleteUser(userId) {
      deleted.push(userId)
      endedMs = Math.min(endedMs, nowMs)
    },
    ask,
    async logOut(method, path, headers) {
      expect([method, path, headers]).toEqual(['POST', '/logout', { cookie: 'id=1' }])
      endedMs = nowMs
      return { status: 204, body: '' }
    },
  }
  const clock = {
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms
    },
  }
  return {
    measure: (event: RevocationEvent = 'logout') => measureRevocationLag(target, event, clock),
    lifetimes,
    asked: () => asked,
    deleted,
  }
}

describe.each(['logout', 'role-change', 'user-deletion'] as const)('the lag of a %s', (event) => {
  it('is 0 where the first request after it shows it', async () => {
    const server = fakeServer({ kind: 'next-request' }, { lagMs: 0 })
    expect(await server.measure(event)).toMatchObject({ variant: 'strategy', event, lagMs: 0, atMostMs: 0 })
    // Once before it and once after it.
    expect(server.asked()).toBe(2)
  })

  it('is what it really was where a promise of the next request is not kept', async () => {
    const lag = await fakeServer({ kind: 'next-request' }, { lagMs: 300 }).measure(event)
    expect(lag?.atMostMs).toBe(0)
    expect(lag?.lagMs).toBeGreaterThanOrEqual(300)
    expect(lag?.lagMs).toBeLessThanOrEqual(311)
  })

  it('is waited for where a cache answers, to within one question', async () => {
    const lag = await fakeServer({ kind: 'within', ms: 1000 }, { lagMs: 740 }).measure(event)
    expect(lag?.lagMs).toBeGreaterThanOrEqual(740)
    expect(lag?.lagMs).toBeLessThanOrEqual(751)
    expect(lag).toMatchObject({ atMostMs: 1000, formula: 'up to what the variant keeps: 1 s' })
    expect(lag).not.toHaveProperty('lifetimeS')
  })

  it('is measured with a shortened lifetime where expiry alone ends a credential, and the formula tells the rest', async () => {
    const server = fakeServer({ kind: 'at-expiry', lifetimeS: 900 })
    const lag = await server.measure(event)
    expect(server.lifetimes).toEqual([2])
    expect(lag?.lagMs).toBeGreaterThan(1900)
    expect(lag?.lagMs).toBeLessThanOrEqual(2011)
    expect(lag).toMatchObject({
      lifetimeS: 2,
      atMostMs: 900_000,
      formula: 'up to the lifetime of the credential: 900 s',
    })
  })

  it('is absent, and has no bound, where each use puts the end off', async () => {
    const server = fakeServer({ kind: 'when-unused', idleS: 86_400 }, { rolling: true })
    expect(await server.measure(event)).toMatchObject({
      lagMs: { absent: 'still as before after 2.5 s' },
      atMostMs: { absent: 'each use puts the end off' },
      lifetimeS: 2,
    })
  })

  it('leaves no user behind', async () => {
    const server = fakeServer({ kind: 'next-request' }, { lagMs: 0 })
    await server.measure(event)
    expect(server.deleted).toContain(7)
  })
})

describe('a lag', () => {
  it('is absent without a question where a cache keeps answers for longer than is waited', async () => {
    const server = fakeServer({ kind: 'within', ms: 30_000 })
    expect(await server.measure()).toMatchObject({
      lagMs: { absent: 'longer than the 5 s that are waited for' },
      atMostMs: 30_000,
    })
    expect(server.asked()).toBe(0)
  })

  it('is measured with servers that keep answers for less, where a strategy lets them, and the formula tells the rest', async () => {
    const server = fakeServer({ kind: 'within', ms: 30_000, canBeShortened: true }, { lagMs: 1700 })
    const lag = await server.measure()
    expect(lag).toMatchObject({ lifetimeS: 2, atMostMs: 30_000, formula: 'up to what the variant keeps: 30 s' })
    expect(lag?.lagMs).toBeGreaterThanOrEqual(1700)
    expect(lag?.lagMs).toBeLessThanOrEqual(1711)
    // The credential itself lives on.
    expect(server.lifetimes).toEqual([600])
  })

  it('is absent where nothing changes for longer than is waited', async () => {
    const server = fakeServer({ kind: 'within', ms: 100 })
    expect(await server.measure()).toMatchObject({ lagMs: { absent: 'still as before after 5 s' } })
  })

  it.each([
    [{ late: 503, lagMs: 50 }, 'answered with status 503 after the logout'],
    [{ born: 401 }, 'its fresh credential was not accepted (status 401)'],
  ])('is absent where a server that does not know is not one that refuses: %o', async (behaviour, absent) => {
    const server = fakeServer({ kind: 'within', ms: 100 }, behaviour)
    expect(await server.measure()).toMatchObject({ lagMs: { absent } })
  })

  it('is not asked for where there is nothing to revoke', async () => {
    const server = fakeServer({ kind: 'not-applicable' })
    expect(await server.measure()).toBeUndefined()
    expect(server.asked()).toBe(0)
  })
})
