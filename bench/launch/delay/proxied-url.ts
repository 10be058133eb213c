import { usageError } from '../../../servers/contract/errors.ts'
import { parsePostgresUrl, routeOf } from '../../environment/external.ts'
import type { Upstream } from './forward.ts'

/**
 * Where an address of Postgres leads, as node-postgres reads it: parameters `host` and `port` outrank the authority.
 *
 * @throws {AuthcostError} `usage.db-delay` for addresses that no TCP proxy can stand in front of. Never shows the address.
 */
export function upstreamOf(databaseUrl: string): Upstream {
  const url = parsePostgresUrl(databaseUrl)
  if (routeOf(url) === 'unix-socket') {
    throw usageError(
      'usage.db-delay',
      'A delay to the database needs TCP, and the address given with --postgres leads to a Unix socket. Name host and port: postgres://user:password@127.0.0.1:5432/database.',
    )
  }
  if (verifiesHostName(url.searchParams)) {
    throw usageError(
      'usage.db-delay',
      "A delay to the database stands between as 127.0.0.1, and the address given with --postgres has the server's host name verified (sslmode). Measure with sslmode=disable or sslmode=no-verify, on a network you trust, or without --db-delay.",
    )
  }
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, '$1')
  const port = url.searchParams.get('port') ?? url.port
  return { host: host === '' ? 'localhost' : host, port: port === '' ? 5432 : Number(port) }
}

/** The same database, user, password and parameters, by way of a port of 127.0.0.1. */
export function proxiedUrl(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl)
  url.searchParams.delete('host')
  url.searchParams.delete('port')
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return url.href
}

/**
 * Whether node-postgres compares the certificate with the host it connects to. Its `sslmode`s `prefer`, `require` and
 * `verify-ca` all do, unless `uselibpqcompat=true` gives them libpq's meaning (pg-connection-string 2).
 */
function verifiesHostName(parameters: URLSearchParams): boolean {
  const mode = parameters.get('sslmode')
  if (mode === 'disable' || mode === 'no-verify') return false
  if (mode !== null && parameters.get('uselibpqcompat') === 'true') return mode === 'verify-full'
  return (
    mode !== null ||
    ['true', '1'].includes(parameters.get('ssl') ?? '') ||
    ['sslcert', 'sslkey', 'sslrootcert'].some((name) => parameters.has(name)) ||
    parameters.get('sslnegotiation') === 'direct'
  )
}
