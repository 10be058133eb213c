import { randomBytes } from 'node:crypto'
import type { LoadDriver } from '../../load/load-driver.ts'
import type { CallsResult } from '../../load/protocol.ts'
import type { LifecycleBatch } from '../../record/lifecycle.ts'
import { createRandom, shuffle } from '../../statistics/random.ts'
import type { MeasuredServer, Probes } from '../probes.ts'
import { measureCalls } from './call-batch.ts'
import { type Account, type CallRequests, callRequests } from './call-requests.ts'
import { after, type Credentials, noCredentials } from './credentials.ts'
import { quickHash } from './quick-hash.ts'

/** How often the cheap calls are made; registering and logging in with a real hash happen once. */
export const lifecycleRounds = 3
/** Calls of a batch. */
const callsPerBatch = 20
const requestsPerBatch = 100
/**
 * Before anything is counted, turns of all calls: logins throw away code that had been optimised for requests alone, and
 * it takes thousands of requests and hundreds of refreshes until they cost half of the first (docs/method.md, Sign-ins).
 */
const warmUpTurns = 2
const warmUpCalls = 20
/** How often each token of a turn is used up and renewed. */
const warmUpRenewals = 8
const warmUpRequestsPerToken = 10
/** Behind the logins of a round, uncounted, tokens that are used up: the first calls of another kind are dearer. */
const settlingTokens = 2
/** Requests per access token, and how many tokens are used up in a batch. */
export const amortisedOver: readonly { readonly requestsPerToken: number; readonly tokens: number }[] = [
  { requestsPerToken: 10, tokens: 6 },
  { requestsPerToken: 100, tokens: 1 },
]

type Calls = Pick<LoadDriver, 'openCalls' | 'calls' | 'close'>

export interface LifecycleOptions {
  readonly variant: string
  readonly set: number
  readonly restart: number
  /** Whether a login hands out what requests can be sent with; the control takes identity on trust. */
  readonly authenticates: boolean
  readonly seed: number
  readonly probes: Probes
  readonly driver: Calls
  readonly signal: AbortSignal
  /** Called between batches. */
  onBatch(batch: LifecycleBatch): void
}

/**
 * Measures what registering, logging in, refreshing and logging out cost at one server, and requests whose access
 * tokens are renewed after so many: on one connection, one after the other. The users are its own and no load ever asks
 * for them; they stay in the table, which goes with the run, and every sign-in is logged out.
 */
export async function measureLifecycle(server: MeasuredServer, options: LifecycleOptions): Promise<void> {
  if (server.accounts === undefined) return
  const { url, add } = server.accounts
  const target = `${server.key}/calls`
  const quick = newAccount()
  await add(quick.username, quickHash(quick.password))
  await options.driver.openCalls({ target, url })
  try {
    const sender = new Sender(options.driver, target, options.signal)
    const session = { server, options, sender, requests: callRequests(url), quick }
    const can = await warmUp(session)
    await withRealHash(session)
    for (let round = 0; round < lifecycleRounds; round++) await measureRound(session, round, can)
  } finally {
    await options.driver.close(target).catch(() => undefined)
  }
}

interface Session {
  readonly server: MeasuredServer
  readonly options: LifecycleOptions
  readonly sender: Sender
  readonly requests: CallRequests
  readonly quick: Account
}

/** What the variant was found to offer. */
interface Abilities {
  readonly requests: boolean
  readonly refresh: boolean
}

const newAccount = (): Account => ({
  username: `lifecycle-${randomBytes(9).toString('hex')}`,
  password: randomBytes(24).toString('base64url'),
})

/** Sends sequences of requests on one connection. */
class Sender {
  readonly #driver: Calls
  readonly #target: string
  readonly #signal: AbortSignal

  constructor(driver: Calls, target: string, signal: AbortSignal) {
    this.#driver = driver
    this.#target = target
    this.#signal = signal
  }

  /** Equal requests are handed over once. */
  send(sequence: readonly string[], keepAnswers = false): Promise<CallsResult> {
    this.#signal.throwIfAborted()
    const indexes = new Map<string, number>()
    const order = sequence.map((request) => {
      const index = indexes.get(request) ?? indexes.size
      indexes.set(request, index)
      return index
    })
    return this.#driver.calls({ target: this.#target, requests: [...indexes.keys()], order, keepAnswers })
  }
}

const repeat = <T>(times: number, value: T): T[] => Array.from({ length: times }, () => value)

const updated = (before: readonly Credentials[], answers: CallsResult['answers']): Credentials[] =>
  before.map((credentials, index) => {
    const answer = answers[index]
    return answer === undefined ? credentials : after(credentials, answer)
  })

async function signIn({ sender, requests, quick }: Session, times: number): Promise<Credentials[]> {
  const { answers } = await sender.send(repeat(times, requests.login(quick)), true)
  return updated(repeat(times, noCredentials), answers)
}

async function warmUp(session: Session): Promise<Abilities> {
  const { sender, requests, options } = session
  const [first = noCredentials] = await signIn(session, 1)
  const asked = options.authenticates ? await sender.send([requests.me(first)]) : undefined
  const renewed = options.authenticates ? await sender.send([requests.refresh(first)], true) : undefined
  const can = { requests: asked?.failures === 0, refresh: renewed?.failures === 0 }
  const [last = first] = can.refresh ? updated([first], renewed?.answers ?? []) : [first]
  await sender.send([requests.logout(last)])
  for (let turn = 0; turn < warmUpTurns; turn++) {
    let signedIn: readonly Credentials[] = await signIn(session, warmUpCalls)
    for (let renewal = 0; renewal < warmUpRenewals; renewal++) {
      signedIn = await useUp(session, can, signedIn, warmUpRequestsPerToken)
    }
    await sender.send(signedIn.map((credentials) => requests.logout(credentials)))
  }
  return can
}

/** So many requests with each access token, then its refresh, as far as the variant can; answers what clients hold then. */
async function useUp(
  { sender, requests }: Session,
  can: Abilities,
  own: readonly Credentials[],
  requestsPerToken: number,
): Promise<readonly Credentials[]> {
  if (!can.requests) return own
  const { answers } = await sender.send(
    own.flatMap((credentials) => [
      ...repeat(requestsPerToken, requests.me(credentials)),
      ...(can.refresh ? [requests.refresh(credentials)] : []),
    ]),
    true,
  )
  return can.refresh ? updated(own, renewalsIn(answers, requestsPerToken)) : own
}

/** Of requests, each so many followed by a refresh, the answers to the refreshes. */
const renewalsIn = (answers: CallsResult['answers'], requestsPerToken: number): CallsResult['answers'] =>
  answers.filter((_, index) => (index + 1) % (requestsPerToken + 1) === 0)

/** Once: the hash takes a fifth of a second, and differs less between calls than between restarts. */
async function withRealHash(session: Session): Promise<void> {
  const { sender, requests } = session
  const account = newAccount()
  const registered = await measure(session, { round: 0, call: 'register' }, 1, [requests.register(account)])
  const loggedIn = await measure(session, { round: 0, call: 'login' }, 1, [requests.login(account)])
  const all = [...registered, ...loggedIn].map((answer) => after(noCredentials, answer))
  await sender.send(all.map((credentials) => requests.logout(credentials)))
}

async function measureRound(session: Session, round: number, can: Abilities): Promise<void> {
  const { options, requests, quick } = session
  const cycles = can.refresh && can.requests ? amortisedOver : []
  const counted = callsPerBatch + cycles.reduce((sum, cycle) => sum + cycle.tokens, 0)
  const tokens = counted + settlingTokens
  const answers = await measure(session, { round, call: 'sign-in' }, tokens, repeat(tokens, requests.login(quick)))
  const all = updated(repeat(tokens, noCredentials), answers)
  const signedIn = all.slice(0, counted)
  signedIn.push(...(await useUp(session, can, all.slice(counted), warmUpRequestsPerToken)))
  const [first = noCredentials] = signedIn
  const steps: (() => Promise<unknown>)[] = []
  if (can.requests) {
    steps.push(async () => {
      // A verified-token cache has not seen this one yet: what that costs shows in the cycles.
      await session.sender.send([requests.me(first)])
      const sequence = repeat(requestsPerBatch, requests.me(first))
      return measure(session, { round, call: 'request' }, sequence.length, sequence)
    })
  }
  const renew = async (from: number, to: number, place: Place, calls: number, requestsBetween: number) => {
    const own = signedIn.slice(from, to)
    const sequence = own.flatMap((credentials) => [
      ...repeat(requestsBetween, requests.me(credentials)),
      requests.refresh(credentials),
    ])
    const answered = await measure(session, place, calls, sequence)
    const renewals = renewalsIn(answered, requestsBetween)
    for (const [index, credentials] of updated(own, renewals).entries()) signedIn[from + index] = credentials
  }
  let used = callsPerBatch
  if (can.refresh) steps.push(() => renew(0, callsPerBatch, { round, call: 'refresh' }, callsPerBatch, 0))
  for (const { requestsPerToken, tokens: own } of cycles) {
    const from = used
    used += own
    const place: Place = { round, call: 'cycle', requestsPerToken }
    steps.push(() => renew(from, from + own, place, own * requestsPerToken, requestsPerToken))
  }
  const random = createRandom(options.seed, `lifecycle/${options.variant}/${options.set}/${options.restart}/${round}`)
  for (const step of shuffle(steps, random)) await step()
  const logouts = signedIn.map((credentials) => requests.logout(credentials))
  await measure(session, { round, call: 'logout' }, logouts.length, logouts)
}

type Place = Pick<LifecycleBatch, 'round' | 'call' | 'requestsPerToken'>

async function measure(
  { server, options, sender }: Session,
  place: Place,
  calls: number,
  sequence: readonly string[],
): Promise<CallsResult['answers']> {
  const { variant, set, restart } = options
  const { batch, answers } = await measureCalls(
    { place: { variant, set, restart, ...place }, calls, send: () => sender.send(sequence, true) },
    server,
    options.probes,
  )
  options.onBatch(batch)
  return answers
}
