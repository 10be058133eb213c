import { expect, it } from 'vitest'
import { rehearse } from './rehearse.ts'
import { Window } from './window.ts'

it('sends to itself at a rate, gets the answers it expects, and leaves nothing open', async () => {
  const window = new Window()
  const open = () => process.getActiveResourcesInfo().filter((name) => /TCP|Server/.test(name)).length
  const before = open()
  await rehearse(window, { requestsPerSecond: 2000, durationMs: 200 })
  expect(window.requests).toBeGreaterThan(300)
  expect([window.errors, window.non2xx, window.wrongBodies]).toEqual([0, 0, 0])
  await expect.poll(open).toBe(before)
})
