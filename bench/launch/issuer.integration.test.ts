import { createLocalJWKSet, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { issueAnswerSchema } from '../../servers/contract/issuer-protocol.ts'
import { tokenAudience, tokenIssuer } from '../../servers/contract/token-claims.ts'
import { parseVariant, strategyNamed } from '../../servers/strategies/table.ts'
import { IssuerProcess } from './issuer.ts'

const variant = parseVariant('jwt:alg=ES256,issuer=remote')
const subjects = [{ user: { userId: 7, username: 'user-7', role: 'member' }, familyId: crypto.randomUUID() }]
const body = JSON.stringify({ subjects, nowMs: Date.now(), lifetimeS: 60 })

async function start(): Promise<{ readonly issuer: IssuerProcess; readonly secret: string }> {
  const secrets = await strategyNamed('jwt').createSecrets(variant)
  const issuer = await IssuerProcess.start({ name: 'test', nodeFlags: [], parameters: variant.parameters, secrets })
  return { issuer, secret: secrets.issuerSecret ?? '' }
}

const issue = (issuer: IssuerProcess, authorization: string, sent = body): Promise<Response> =>
  fetch(`${issuer.url}/issue`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: sent,
  })

const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })

const keySet = async (issuer: IssuerProcess) =>
  keySetSchema.parse(await (await fetch(`${issuer.url}/.well-known/jwks.json`)).json())

it('signs for who knows its secret, with a key of the set it publishes, before and after it rotates', async () => {
  const { issuer, secret } = await start()
  await using _ = issuer
  for (const keys of [1, 2]) {
    const published = await keySet(issuer)
    expect(published.keys).toHaveLength(keys)
    expect(JSON.stringify(published)).not.toContain('"d"')
    const { tokens } = issueAnswerSchema.parse(await (await issue(issuer, `Bearer ${secret}`)).json())
    const { payload, protectedHeader } = await jwtVerify(tokens[0] ?? '', createLocalJWKSet(published), {
      issuer: tokenIssuer,
      audience: tokenAudience,
    })
    expect([payload.sub, protectedHeader.kid]).toEqual(['7', published.keys[0]?.kid])
    await issuer.rotate()
  }
  expect(await issuer.cpuUs()).toBeGreaterThan(0)
})

it('signs nothing for anybody else, and nothing that makes no sense', async () => {
  const { issuer, secret } = await start()
  await using _ = issuer
  for (const authorization of ['', 'Bearer ', `Bearer ${secret}x`, `Basic ${secret}`]) {
    expect((await issue(issuer, authorization)).status).toBe(401)
  }
  // Before their body is read.
  expect((await issue(issuer, 'Bearer x', '{ no json')).status).toBe(401)
  expect((await issue(issuer, `Bearer ${secret}`, '{"subjects":[{}]}')).status).toBe(400)
})

it('ends with its harness', async () => {
  const { issuer } = await start()
  await issuer.stop()
  await expect(fetch(issuer.url)).rejects.toThrow('fetch failed')
})
