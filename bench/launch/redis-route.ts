import { isLoopback } from '../../servers/contract/open-host.ts'
import type { EnvironmentRecord } from '../record/environment.ts'

/** How a Redis is reached: part of its figures, as it is of the database's. */
export type RedisRoute = NonNullable<EnvironmentRecord['redis']>['route']

/** Of a Redis that was not started here; of a container only who looked for its address knows. */
export function routeOfUrl(url: string): RedisRoute {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  if (host === '') return 'unix-socket'
  return isLoopback(host) ? 'loopback' : 'remote'
}
