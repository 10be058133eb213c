import type pg from 'pg'

/**
 * The address with everything in it that a connection was made with: what it leaves open node-postgres takes from `PGHOST`,
 * `PGPORT`, `PGUSER`, `PGPASSWORD` or a password file, which processes of ours do not have, or read otherwise. Written as
 * parameters, which outrank the rest of an address. As secret as a password.
 */
export function effectiveAddress(
  address: URL,
  used: Pick<pg.Client, 'host' | 'port' | 'user'> & { readonly password?: unknown },
): URL {
  const full = new URL(address)
  const fill = (name: string, given: string, value: unknown): void => {
    if (given !== '' || (address.searchParams.get(name) ?? '') !== '') return
    if ((typeof value === 'string' && value !== '') || typeof value === 'number')
      full.searchParams.set(name, String(value))
  }
  // What would be taken anyway is not written: the address stays as it was given wherever it can.
  fill('host', address.hostname, used.host === 'localhost' ? undefined : used.host)
  fill('port', address.port, used.port === 5432 ? undefined : used.port)
  fill('user', address.username, used.user)
  fill('password', address.password, used.password)
  return full
}
