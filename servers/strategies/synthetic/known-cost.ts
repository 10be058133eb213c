import type { AuthResult, Strategy } from '../../contract/strategy.ts'
import { identityHeader, trustHeader } from '../none/trust-header.ts'
import { createBurner } from './burner.ts'

/** `10us` or `1.5ms` in milliseconds. */
const milliseconds = (text: string): number => Number.parseFloat(text) / (text.endsWith('us') ? 1000 : 1)

/**
 * The control plus a known cost. What was really burnt and waited is measured around the loop and the timer and
 * counted (`syntheticCpuNs`, `syntheticWaitNs`, `syntheticCount`, cumulative): timers overshoot, loops end late.
 */
export async function createKnownCostStrategy(parameters: {
  readonly cpu: string
  readonly wait: string
}): Promise<Strategy> {
  const cpuMs = milliseconds(parameters.cpu)
  const waitMs = milliseconds(parameters.wait)
  let burntMs = 0
  let waitedMs = 0
  let count = 0
  const burn = createBurner(cpuMs)
  const authenticate = (header: string | readonly string[] | undefined): AuthResult => {
    count++
    if (cpuMs > 0) burntMs += burn()
    return trustHeader(header)
  }
  return {
    authenticate: (request) => {
      const header = request.headers['x-authcost-user']
      if (waitMs === 0) return authenticate(header)
      const start = performance.now()
      return new Promise((resolve) => {
        setTimeout(() => {
          waitedMs += performance.now() - start
          resolve(authenticate(header))
        }, waitMs)
      })
    },
    issue: async (user) => ({ cookies: [], requestHeaders: identityHeader(user) }),
    revoke: async () => {},
    cookies: [],
    counters: () => ({ syntheticCpuNs: burntMs * 1e6, syntheticWaitNs: waitedMs * 1e6, syntheticCount: count }),
    measureState: async () => [],
    close: async () => {},
  }
}
