import { expect, it } from 'vitest'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import { credentialOf } from './credential.ts'
import type { GateTarget } from './gate-target.ts'
import type { Send } from './http-sender.ts'
import { runGateOver } from './run-gate.ts'

/** What a careless server does not look at. */
type Carelessness = 'whose it is' | 'signature' | 'credential' | 'form'

const id = { kind: 'cookie', name: 'id' } as const
const data = { kind: 'cookie', name: 'data' } as const
const traits: CredentialTraits = {
  form: 'opaque',
  carrier: id,
  revocation: { kind: 'within', ms: 300_000 },
  periodic: { everyMs: 300_000, what: 'the cookie is made anew', begins: { withoutCookie: data.name } },
}

/** The cached cookie: whose it is, what is believed of them, and what stands for a signature, each as long as the others. */
const cachedFor = (userId: number): string => `${userId}.${'s'.repeat(40)}${userId}`

/** A server that believes a cached cookie, careless in one thing; `strict`: refuses a bad one rather than look the id up. */
function cachingServer(careless: Carelessness | undefined, strict = false): { target: GateTarget; send: Send } {
  const known = [1, 2].map((userId) => ({ userId, id: `${'i'.repeat(40)}${userId}` }))
  const ownerOf = (cookie: string | undefined): number | undefined => known.find((one) => one.id === cookie)?.userId
  const believed = (cookie: string): number | 'broken' | undefined => {
    if (!cookie.includes('.')) return careless === 'form' ? 'broken' : undefined
    const userId = Number.parseInt(cookie, 10)
    return cookie === cachedFor(userId) || careless === 'signature' ? userId : undefined
  }
  const answerFor = (userId: number | 'broken' | undefined) => {
    if (userId === 'broken') return { status: 503, body: '' }
    return userId === undefined
      ? { status: 401, body: '' }
      : { status: 200, body: identityBody(seededIdentity(userId)) }
  }
  const send: Send = async (_method, _path, headers) => {
    const sent = credentialOf(headers, id)
    const twice = (headers.cookie ?? '').split('id=').length > 2
    const owner = twice ? undefined : ownerOf(sent)
    const cookie = credentialOf(headers, data)
    const cached = cookie === undefined ? undefined : believed(cookie)
    if (cached === 'broken') return answerFor(cached)
    if (sent === undefined) return answerFor(careless === 'credential' ? cached : undefined)
    if (cookie === undefined) return answerFor(owner)
    if (cached !== undefined && (cached === owner || careless === 'whose it is')) {
      // A careless signature lets the middle of the cookie decide, here: who is one further.
      return answerFor(cookie === cachedFor(cached) ? cached : cached + 1)
    }
    return answerFor(strict ? undefined : owner)
  }
  const target: GateTarget = {
    url: 'http://127.0.0.1:1',
    variant: { id: 'test', strategy: 'test', parameters: {}, label: 'test', needs: [], traits, warnings: [] },
    expectedBody: (userId) => identityBody(seededIdentity(userId)),
    async issue({ fromUserId, toUserId, nowMs, lifetimeS }) {
      const old = nowMs + lifetimeS * 1000 < Date.now()
      return known
        .filter(({ userId }) => userId >= fromUserId && userId <= toUserId)
        .map((one) => ({ cookie: old ? 'id=ended' : `id=${one.id}; data=${cachedFor(one.userId)}` }))
    },
  }
  return { target, send }
}

const checksOf = async (careless: Carelessness | undefined, strict = false) => {
  const { target, send } = cachingServer(careless, strict)
  return await runGateOver(target, send)
}

const rows = [
  'cached cookie of another user',
  'cached cookie, tampered',
  'cached cookie, not of its form',
  'cached cookie without its credential',
]

it.each([false, true])('passes a server that looks a bad one up, or refuses it (%s)', async (strict) => {
  const checks = await checksOf(undefined, strict)
  expect(checks.filter(({ passed }) => !passed)).toEqual([])
  const made = checks.filter(({ attack }) => rows.includes(attack))
  expect(made.map(({ attack }) => attack)).toEqual(rows)
  // As answered, so that a record says of no refusal that it was none.
  expect(made.map(({ expected, status }) => [expected, status])).toEqual([
    ...Array.from({ length: 3 }, () => (strict ? ['refuse', 401] : ['accept', 200])),
    ['refuse', 401],
  ])
})

it.each([
  ['whose it is', 'cached cookie of another user'],
  ['signature', 'cached cookie, tampered'],
  ['form', 'cached cookie, not of its form'],
  ['credential', 'cached cookie without its credential'],
] as const)('finds a server that does not look at its %s', async (careless, attack) => {
  const failed = (await checksOf(careless)).filter(({ passed }) => !passed)
  expect(failed.map((check) => check.attack)).toEqual([attack])
})

it('concerns only what keeps something in such a cookie', async () => {
  const { target, send } = cachingServer(undefined)
  const { periodic: _, ...others } = traits
  const checks = await runGateOver({ ...target, variant: { ...target.variant, traits: others } }, send)
  expect(checks.filter(({ attack }) => rows.includes(attack))).toEqual([])
})
