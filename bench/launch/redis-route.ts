import type { EnvironmentRecord } from '../record/run.ts'
import type { RedisHandle } from './redis-handle.ts'

/** How a Redis is reached: part of its figures, as it is of the database's. */
export function redisRoute({
  kind,
  url,
}: Pick<RedisHandle, 'kind' | 'url'>): NonNullable<EnvironmentRecord['redis']>['route'] {
  if (kind === 'container') return 'published'
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  if (host === '') return 'unix-socket'
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host) ? 'loopback' : 'remote'
}
