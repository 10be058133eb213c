import { createPublicKey, createSecretKey } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AlgorithmName } from './algorithms.ts'
import { headerGate } from './header-gate.ts'
import { bestKeyForm, refusedAlgorithm, verifierNames } from './key-forms.ts'
import { type KeyMaterial, type KeyVerifier, loadVerifier } from './key-verifier.ts'
import {
  criticalToken,
  jsonSerialized,
  type RfcExample,
  rfcExamples,
  unsecuredToken,
  whenJoeWasGoodMs,
} from './rfc-examples.fixture.ts'
import type { TokenRules } from './token-rules.ts'
import { accessTokenRules } from './token-rules.ts'
import { signatureCheck } from './verifiers/node-crypto.ts'

afterEach(() => void vi.useRealTimers())

const at = (nowMs: number): void => void vi.useFakeTimers({ toFake: ['Date'], now: nowMs })

/** The rules that fit the examples: they name an issuer, and neither type nor audience. */
const joesRules = (alg: AlgorithmName): TokenRules => ({
  alg,
  type: undefined,
  issuer: 'joe',
  audience: undefined,
  expiry: 'checked',
})

async function verifierOf(name: (typeof verifierNames)[number], { alg, key }: RfcExample): Promise<KeyVerifier> {
  const factory = await loadVerifier(name)
  return factory(joesRules(alg), bestKeyForm(name, alg))(key)
}

const changed = (token: string): string => {
  const middle = token.lastIndexOf('.') + 5
  return `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`
}

const named = rfcExamples.map((example) => [`${example.source}, ${example.alg}`, example] as const)
const withVerifiers = named.flatMap(([name, example]) =>
  verifierNames
    .filter((verifier) => refusedAlgorithm(verifier, example.alg) === undefined)
    .map((verifier) => [name, verifier, example] as const),
)

describe('signatures of the RFCs', () => {
  const keyOf = (key: KeyMaterial) => (key.kind === 'secret' ? createSecretKey(key.bytes) : createPublicKey(key.pem))

  it.each(named)('%s: good as printed, bad with one character changed', (_name, { alg, key, token }) => {
    const isGood = signatureCheck(alg, keyOf(key))
    const dot = token.lastIndexOf('.')
    expect(isGood(token.slice(0, dot), token.slice(dot + 1))).toBe(true)
    expect(isGood(token.slice(0, dot), changed(token).slice(dot + 1))).toBe(false)
    expect(isGood(token.slice(0, dot - 1), token.slice(dot + 1))).toBe(false)
    expect(isGood(token.slice(0, dot), `${token.slice(dot + 1)}=`)).toBe(false)
  })
})

describe('claims sets of the RFCs', () => {
  const examples = withVerifiers.filter(([, , { claims }]) => claims)

  it.each(examples)('%s: %s accepts it while it was good', async (_name, verifier, example) => {
    at(whenJoeWasGoodMs)
    const verify = await verifierOf(verifier, example)
    expect(await verify(example.token)).toMatchObject({
      iss: 'joe',
      exp: 1300819380,
      'http://example.com/is_root': true,
    })
  })

  it.each(examples)('%s: %s refuses it now, and with another signature', async (_name, verifier, example) => {
    const verify = await verifierOf(verifier, example)
    expect(await verify(example.token)).toEqual({ refused: 'expired' })
    at(whenJoeWasGoodMs)
    expect(await verify(changed(example.token))).toEqual({ refused: 'invalid' })
  })
})

describe('what is no JWT', () => {
  const texts = withVerifiers.filter(([, , { claims }]) => !claims)

  it.each(texts)(
    '%s: %s refuses a payload that is no claims set, though it is signed',
    async (_name, verifier, example) => {
      const verify = await verifierOf(verifier, example)
      expect(await verify(example.token)).toHaveProperty('refused')
    },
  )

  it.each(withVerifiers)(
    'RFC 7519 6.1, unsecured: refused with the key of %s by %s',
    async (_name, verifier, example) => {
      at(whenJoeWasGoodMs)
      const verify = await verifierOf(verifier, example)
      expect(await verify(unsecuredToken)).toHaveProperty('refused')
    },
  )

  it('RFC 7515 E holds what the RFC prints', () => {
    const [header = '', payload = '', signature] = criticalToken.split('.')
    expect(Buffer.from(header, 'base64url').toString()).toBe(
      '{"alg":"none",\r\n "crit":["http://example.com/UNDEFINED"],\r\n "http://example.com/UNDEFINED":true\r\n}',
    )
    expect([Buffer.from(payload, 'base64url').toString(), signature]).toEqual(['FAIL', ''])
  })

  it.each(withVerifiers)(
    'RFC 7515 E, a critical parameter that nobody knows: refused with the key of %s by %s',
    async (_name, verifier, example) => {
      const verify = await verifierOf(verifier, example)
      expect(await verify(criticalToken)).toHaveProperty('refused')
      expect(headerGate(accessTokenRules(example.alg))(criticalToken)).toEqual({ refused: 'invalid' })
    },
  )

  it.each(
    jsonSerialized.flatMap(([source, text]) =>
      withVerifiers
        .filter(([, , { source: of }]) => of === 'RFC 7515 A.2' || of === 'RFC 7515 A.3')
        .map(([, verifier, example]) => [source, example.alg, verifier, text, example] as const),
    ),
  )(
    '%s, whose %s signature is good: %s refuses it as no compact token',
    async (_source, alg, verifier, text, example) => {
      at(whenJoeWasGoodMs)
      const verify = await verifierOf(verifier, example)
      expect(await verify(text)).toHaveProperty('refused')
      expect(headerGate(accessTokenRules(alg))(text)).toEqual({ refused: 'malformed' })
    },
  )

  it.each(named)('%s is no access token of ours, by its header alone', (_name, { alg, token }) => {
    expect(headerGate(accessTokenRules(alg))(token)).toEqual({ refused: 'invalid' })
    expect(headerGate(accessTokenRules(alg))(unsecuredToken)).toEqual({ refused: 'invalid' })
  })
})
