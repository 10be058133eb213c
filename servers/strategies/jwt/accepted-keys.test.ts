import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KeyMaterial, KeyVerifier } from './key-verifier.ts'
import { localKeys } from './local-keys.ts'
import { toJwks } from './public-key-set.ts'
import { failureCooldownMs, keySetMaxAgeMs, keySetRefreshMs, RemoteKeys, unknownKeyCooldownMs } from './remote-keys.ts'

const newKey = (): KeyMaterial => ({
  kind: 'public',
  pem: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
})
const make = (): KeyVerifier => () => ({})

describe('keys of this server', () => {
  it('are accepted by id; a retired one until the last token signed with it has expired', async () => {
    let nowMs = 5000
    const keys = await localKeys(
      [
        { kid: 'new', key: newKey(), retiredAtMs: undefined },
        { kid: 'old', key: newKey(), retiredAtMs: 1000 },
      ],
      make,
      { lifetimeS: 60, now: () => nowMs },
    )
    expect([keys.find('new'), keys.find('old'), keys.find('other')].map(Boolean)).toEqual([true, true, false])
    nowMs = 60_999
    expect(keys.find('old')).toBeDefined()
    nowMs = 61_000
    expect([keys.find('new'), keys.find('old')].map(Boolean)).toEqual([true, false])
  })
})

describe('keys of another service', () => {
  const key = newKey()
  const setOf = async (...kids: string[]) => ({
    keys: await toJwks(
      kids.map((kid) => ({ kid, key, retiredAtMs: undefined })),
      'ES256',
    ),
  })

  async function remote(first: readonly string[]) {
    const clock = { nowMs: 1_000_000 }
    const issuer = { set: await setOf(...first), down: false }
    const keys = new RemoteKeys({
      alg: 'ES256',
      make,
      now: () => clock.nowMs,
      fetchKeySet: async () => {
        if (issuer.down) throw new Error('connection refused')
        return issuer.set
      },
    })
    await keys.refresh()
    return { keys, clock, issuer }
  }

  it('are found without asking once they are fetched', async () => {
    const { keys } = await remote(['a'])
    expect(keys.find('a')).toBeTypeOf('function')
    expect(keys.fetches).toBe(1)
  })

  it('are fetched again for an unknown id, once for all who ask, and not again within the cooldown', async () => {
    const { keys, clock, issuer } = await remote(['a'])
    expect(keys.find('b')).toBeUndefined()
    clock.nowMs += unknownKeyCooldownMs
    issuer.set = await setOf('a', 'b')
    const found = await Promise.all([keys.find('b'), keys.find('b'), keys.find('made up')])
    expect(found.map(Boolean)).toEqual([true, true, false])
    expect(keys.find('made up too')).toBeUndefined()
    expect(keys.fetches).toBe(2)
  })

  it('are fetched beside the requests before they are too old', async () => {
    const { keys, clock, issuer } = await remote(['a'])
    clock.nowMs += keySetRefreshMs
    issuer.set = await setOf('b')
    expect(keys.find('a')).toBeTypeOf('function')
    await keys.refresh()
    expect([keys.find('a'), keys.find('b')].map(Boolean)).toEqual([false, true])
  })

  it('outlive a failure of their service only until they are too old: then nothing is decided', async () => {
    const { keys, clock, issuer } = await remote(['a'])
    issuer.down = true
    clock.nowMs += keySetMaxAgeMs - 1
    expect(keys.find('a')).toBeTypeOf('function')
    clock.nowMs += 1
    await expect(keys.find('a')).rejects.toMatchObject({ code: 'jwt.key-set' })
    issuer.down = false
    clock.nowMs += failureCooldownMs
    expect(await keys.find('a')).toBeTypeOf('function')
  })

  it('that are too old are asked for once a second while their service is down, however many ask', async () => {
    const { keys, clock, issuer } = await remote(['a'])
    issuer.down = true
    clock.nowMs += keySetMaxAgeMs
    for (let i = 0; i < 10; i++) await expect(keys.find('a')).rejects.toMatchObject({ code: 'jwt.key-set' })
    expect(keys.fetches).toBe(2)
    clock.nowMs += failureCooldownMs
    await expect(keys.find('a')).rejects.toMatchObject({ code: 'jwt.key-set' })
    expect(keys.fetches).toBe(3)
  })

  it('are published again from memory, without those that are not used', async () => {
    const { keys, clock, issuer } = await remote(['a'])
    const [jwk] = issuer.set.keys
    expect(keys.published).toEqual(issuer.set.keys)
    issuer.set = {
      keys: [
        { ...jwk, kid: 'b' },
        { ...jwk, kid: 'encryption', use: 'enc' },
      ],
    }
    clock.nowMs += unknownKeyCooldownMs
    await keys.find('b')
    expect(keys.published.map(({ kid }) => kid)).toEqual(['b'])
    expect(keys.fetches).toBe(2)
  })

  it('are passed over where they are for another algorithm or use, without id, weak, or secret', async () => {
    const { keys, clock, issuer } = await remote(['a'])
    const [jwk] = issuer.set.keys
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
    issuer.set = {
      keys: [
        { ...jwk, kid: 'other algorithm', alg: 'ES384' },
        { ...jwk, kid: 'no algorithm', alg: undefined },
        { ...jwk, kid: 'encryption', use: 'enc' },
        { ...jwk, kid: 7 },
        { ...jwk, kid: 'not on the curve', x: 'AAAA' },
        { ...weak, kid: 'weak', alg: 'ES256' },
        { kty: 'oct', k: 'AAAA', kid: 'secret', alg: 'ES256' },
        { ...jwk, kid: 'good' },
      ],
    }
    clock.nowMs += keySetMaxAgeMs
    expect(await keys.find('good')).toBeTypeOf('function')
    for (const kid of ['other algorithm', 'no algorithm', 'encryption', 'not on the curve', 'weak', 'secret']) {
      expect(keys.find(kid), kid).toBeUndefined()
    }
  })
})
