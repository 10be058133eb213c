import { describe, expect, it } from 'vitest'
import { comesFromHere } from './cross-site.ts'

const own = { protocol: 'http', host: '127.0.0.1:3000' } as const
const from = (headers: Record<string, string>): boolean =>
  comesFromHere({ protocol: own.protocol, headers: { host: own.host, ...headers } })

describe('the cross-site rule', () => {
  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': '' }, false],
    [{ 'sec-fetch-site': 'same-origin, cross-site' }, false],
    // Sec-Fetch-Site decides alone: a browser sets it, a page cannot.
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:3000' }, false],
    [{ origin: 'http://127.0.0.1:3000' }, true],
    [{ origin: 'http://127.0.0.1:3001' }, false],
    [{ origin: 'https://127.0.0.1:3000' }, false],
    [{ origin: 'http://evil.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: '' }, false],
    [{}, true],
  ])('%j is allowed: %s', (headers, allowed) => {
    expect(from({ ...headers })).toBe(allowed)
  })
})
