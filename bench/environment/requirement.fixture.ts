import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export type Requirement = 'docker' | 'chromium' | 'redis'

/**
 * Whether a test can have what it needs. Where it is absent the reason is printed and the test skips, unless
 * `AUTHCOST_REQUIRE=docker,chromium,redis` names it: then its absence is a failure.
 *
 *     const docker = requirement('docker')
 *     describe.skipIf(!docker.available)('...', ...)
 *
 * @throws when `AUTHCOST_REQUIRE` names it and it is absent.
 */
export function requirement(name: Requirement): { readonly available: boolean; readonly reason: string } {
  const reason = missing[name]()
  if (reason === undefined) return { available: true, reason: '' }
  const required = (process.env.AUTHCOST_REQUIRE ?? '').split(',').map((text) => text.trim())
  if (required.includes(name)) throw new Error(`AUTHCOST_REQUIRE names ${name}, but ${reason}`)
  console.info(`skipped: needs ${name}, but ${reason}`)
  return { available: false, reason }
}

/** Where Chromium is on this machine; undefined when there is none. */
export const chromiumPath = (): string | undefined =>
  [process.env.CHROMIUM_PATH ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path !== '' && existsSync(path),
  )

const missing: Record<Requirement, () => string | undefined> = {
  docker: () => {
    const answer = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5000 })
    return answer.status === 0 ? undefined : 'no Docker engine answers'
  },
  chromium: () => (chromiumPath() === undefined ? 'no Chromium was found' : undefined),
  redis: () => {
    for (const program of ['redis-server', 'valkey-server']) {
      if (spawnSync(program, ['--version'], { timeout: 5000 }).status === 0) return undefined
    }
    return 'neither redis-server nor valkey-server is installed'
  },
}
