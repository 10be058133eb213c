import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runGate } from '../bench/gate/run-gate.ts'
import { ServerProcess } from '../bench/launch/server.ts'
import { resolveVariants, secretsOf } from '../bench/launch/strategy-file.ts'
import { makePlan, plannedVariants } from '../bench/plan/plan.ts'
import { AuthcostError } from './contract/errors.ts'
import { identityBody, seededIdentity } from './contract/identity.ts'

const example = fileURLToPath(new URL('../docs/examples/my-strategy.js', import.meta.url))
/** As one would type it: a path that begins with a dot. */
const typed = (path: string): string => `./${relative(process.cwd(), path)}`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'authcost-strategy-file-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function fileWith(name: string, source: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, source)
  return path
}

async function failureOf(text: string): Promise<AuthcostError> {
  try {
    await resolveVariants([text])
  } catch (error) {
    if (error instanceof AuthcostError) return error
    throw error
  }
  throw new Error(`${text} was resolved.`)
}

describe('the example of a strategy of your own', () => {
  it('is described by its own process, with parameters as typed and defaults filled in', async () => {
    const text = `${typed(example)}:hash=sha512`
    const variant = (await resolveVariants([text])).get(text)
    expect(variant).toMatchObject({
      id: 'api-key:hash=sha512',
      label: 'API key, HMAC sha512',
      parameters: { hash: 'sha512', lifetimeS: 3600 },
      traits: { revocation: { kind: 'at-expiry', lifetimeS: 3600 } },
      file: example,
    })
  })

  it('is planned beside strategies of the project', async () => {
    const variants = ['session', typed(example), `${typed(example)}:hash=sha512`]
    const plan = makePlan({ variants }, await resolveVariants(variants))
    expect(plannedVariants(plan).map(({ key }) => key)).toEqual([
      'none',
      'none#twin',
      'session',
      'api-key',
      'api-key:hash=sha512',
    ])
  })

  it('runs in a server of its own, passes the gate and answers the bytes of every other server', async () => {
    const text = typed(example)
    const variant = (await resolveVariants([text])).get(text)
    if (variant?.file === undefined) throw new Error('The example was not resolved as a file.')
    const secrets = await secretsOf(variant)
    await using server = await ServerProcess.start({
      nodeFlags: [],
      configuration: {
        variantId: variant.id,
        strategy: variant.strategy,
        file: variant.file,
        parameters: variant.parameters,
        secrets,
        host: '127.0.0.1',
        port: 0,
        databaseSchema: 'unused',
        applicationName: 'authcost-strategy-file-test',
        poolSize: 1,
        insecureCookies: false,
        accessLifetimeS: 600,
        logRequests: false,
      },
    })
    const checks = await runGate({
      url: server.url,
      variant,
      secrets,
      issue: (request) => server.issue(request),
      expectedBody: (userId) => identityBody(seededIdentity(userId)),
    })
    expect(checks.filter(({ passed }) => !passed)).toEqual([])
    expect(checks.map(({ attack }) => attack)).toEqual(
      expect.arrayContaining(['good credential', 'fresh login', 'forged', 'tampered', 'cut short', 'expired']),
    )
    const [headers] = await server.issue({ fromUserId: 7, toUserId: 7, nowMs: Date.now(), lifetimeS: 60, fresh: false })
    const answer = await fetch(`${server.url}/me`, { headers: headers ?? {} })
    expect(await answer.text()).toBe(identityBody(seededIdentity(7)))
  })
})

describe('a strategy file that is not right', () => {
  it('names an unknown parameter and those there are', async () => {
    const failure = await failureOf(`${typed(example)}:rounds=3`)
    expect(failure.message).toMatch(/no parameter "rounds".*hash, lifetimeS/)
    expect(failure.exitCode).toBe(2)
  })

  it('that is not there says so, without the path of the machine', async () => {
    const failure = await failureOf('./no-such-strategy.js')
    expect(failure.message).toContain('./no-such-strategy.js: There is no such strategy file')
    expect(failure.message).not.toContain(process.cwd())
    expect(failure.exitCode).toBe(2)
  })

  it('that exports nothing of use says what to export', async () => {
    const failure = await failureOf(await fileWith('nothing.mjs', 'export default 42\n'))
    expect(failure.message).toContain('Make one with defineStrategy()')
  })

  it('that throws while it is loaded hands on what it threw', async () => {
    const failure = await failureOf(await fileWith('throws.mjs', 'throw new Error("no key in the environment")\n'))
    expect(failure.message).toContain('no key in the environment')
  })

  const minimal = (name: string, traits: string) => `export default ({ defineStrategy, z }) => defineStrategy({
  name: '${name}', summary: '', parameters: z.object({}), label: () => 'x', needs: () => [], traits: () => (${traits}),
  warnings: () => [], createSecrets: async () => ({}), load: async () => async () => { throw new Error('unused') },
})`

  it('cannot take the name of a strategy of the project', async () => {
    const traits = "{ form: 'opaque', carrier: { kind: 'header', name: 'x-id' }, revocation: { kind: 'next-request' } }"
    const failure = await failureOf(await fileWith('named.mjs', minimal('session', traits)))
    expect(failure.code).toBe('strategy.name')
  })

  it('with traits of another shape names the field', async () => {
    const traits = "{ form: 'opaque', carrier: { kind: 'header', name: 'x-id' }, revocation: { kind: 'never' } }"
    const failure = await failureOf(await fileWith('shape.mjs', minimal('mine', traits)))
    expect(failure.message).toMatch(/traits\.revocation\.kind/)
  })

  it('cannot share its name with another file of the run', async () => {
    const traits = "{ form: 'opaque', carrier: { kind: 'header', name: 'x-id' }, revocation: { kind: 'next-request' } }"
    const files = [await fileWith('a.mjs', minimal('mine', traits)), await fileWith('b.mjs', minimal('mine', traits))]
    await expect(resolveVariants(files)).rejects.toThrow(/Two strategy files/)
  })
})
