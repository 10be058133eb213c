import { describe, expect, it } from 'vitest'
import { countAnswer } from './count-answer.ts'
import type { RequestSet } from './request-set.ts'
import { Window } from './window.ts'

const body = '{"userId":1}'
const refusal = '{"type":"about:blank","title":"Unauthorized","status":401,"code":"invalid-credential"}'
const set: RequestSet = {
  requests: [],
  goodRequests: 1,
  badKinds: ['absent', 'expired'],
  expectedBodies: [body],
  sequences: [],
}
const good = 0
const expired = 2

function counted(index: number, status: number, answer: string) {
  const window = new Window()
  window.open()
  countAnswer(window, set, index, status, answer)
  const { non2xx, wrongBodies, badTraffic } = window.close(window.startNs + 1e6, 0.5, undefined)
  return { non2xx, wrongBodies, badTraffic }
}

describe('an answer', () => {
  it('to a good credential is right with its own body, and says nothing of bad traffic', () => {
    expect(counted(good, 200, body)).toEqual({ non2xx: 0, wrongBodies: 0, badTraffic: undefined })
  })

  it('to a good credential is wrong with the body of another, and when it is a refusal', () => {
    expect(counted(good, 200, '{"userId":2}')).toMatchObject({ non2xx: 0, wrongBodies: 1 })
    expect(counted(good, 401, refusal)).toMatchObject({ non2xx: 1, wrongBodies: 1 })
  })

  it('to a bad credential is right when it is a refusal, and no error of the slice', () => {
    expect(counted(expired, 401, refusal)).toEqual({
      non2xx: 0,
      wrongBodies: 0,
      badTraffic: { requests: 1, falseAccepts: 0, acceptedKinds: [], wrongRefusals: 0, falseRefusals: 0 },
    })
  })

  it.each([200, 204])('to a bad credential is a false accept with status %d, whatever its body', (status) => {
    expect(counted(expired, status, refusal).badTraffic).toMatchObject({ falseAccepts: 1, acceptedKinds: ['expired'] })
  })

  it.each([
    [503, refusal],
    [500, 'oh'],
    [302, ''],
    [401, body],
  ])('to a bad credential with %d and a body of its own is neither an accept nor a refusal', (status, answer) => {
    expect(counted(expired, status, answer).badTraffic).toMatchObject({ falseAccepts: 0, wrongRefusals: 1 })
  })
})
