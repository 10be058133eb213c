import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { tokenAudience, tokenIssuer, tokenType } from '../../contract/token-claims.ts'
import { bestKeyForm, verifierNames } from './key-forms.ts'
import { loadVerifier } from './key-verifier.ts'
import { accessTokenRules } from './token-rules.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const nowS = Math.floor(Date.now() / 1000)
const good = { iss: tokenIssuer, aud: tokenAudience, iat: nowS - 120, nbf: nowS - 120, exp: nowS + 60, jti: 'j' }
const sign = (claims: Record<string, unknown>, key = privateKey): Promise<string> =>
  new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: 'ES256', typ: tokenType, kid: 'k' }).sign(key)

describe.each(verifierNames)('at a logout, %s', async (name) => {
  const factory = await loadVerifier(name)
  const make = factory(accessTokenRules('ES256', 'ignored'), bestKeyForm(name, 'ES256'))
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const verify = await make({ kind: 'public', pem })

  it('takes a token that was not valid before some moment in the past, expired or not', async () => {
    expect(await verify(await sign({}))).toMatchObject({ jti: 'j' })
    expect(await verify(await sign({ exp: nowS - 60 }))).toMatchObject({ jti: 'j', exp: nowS - 60 })
  })

  it('refuses an expired token that is wrong in something else', async () => {
    const exp = nowS - 60
    for (const wrong of [
      { exp, nbf: nowS + 60 },
      { exp, iss: 'https://evil.invalid' },
      { exp, aud: 'other' },
    ]) {
      expect(await verify(await sign(wrong)), JSON.stringify(wrong)).toHaveProperty('refused')
    }
    expect(await verify(await sign({ exp }, stranger))).toEqual({ refused: 'invalid' })
  })
})
