import pg from 'pg'
import { connectionConfig } from '../../servers/contract/connection-config.ts'
import { AuthcostError } from '../../servers/contract/errors.ts'

/** How the harness's own connections name themselves in `pg_stat_activity`. */
export const harnessApplicationName = 'authcost-harness'

/**
 * Connects the harness to Postgres.
 *
 * @param onLost called when the connection ends unasked.
 * @throws {AuthcostError} `postgres.*`, in words that never show host, user or password.
 */
export async function connectHarness(
  url: string,
  options: { readonly timeoutMs?: number; readonly onLost?: (reason: string) => void } = {},
): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionConfig(url, { applicationName: harnessApplicationName }),
    connectionTimeoutMillis: options.timeoutMs ?? 5000,
    keepAlive: true,
  })
  // Without a listener a lost connection would end the process with an uncaught exception.
  client.on('error', (error) => options.onLost?.(error.message))
  client.on('end', () => options.onLost?.('the connection was closed'))
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => undefined)
    throw connectionFailure(error, url)
  }
  return client
}

/** What a failed connection means and what to do next, without host, user or password. The cause is left out: it names them. */
export function connectionFailure(error: unknown, url: string): AuthcostError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const port = portOf(url)
  const where = port === undefined ? 'the database' : `the database on port ${port}`
  if (code === '28P01' || code === '28000') {
    return new AuthcostError(
      'postgres.login-refused',
      `Postgres refused the login to ${where}. Check user and password in the address and the server's pg_hba.conf.`,
    )
  }
  if (code === '3D000') {
    return new AuthcostError(
      'postgres.no-database',
      `Postgres answers on ${where}, but the database named in the address does not exist. Create it or name another.`,
    )
  }
  if (code === '53300') {
    return new AuthcostError(
      'postgres.connections',
      `Postgres has no connection left on ${where}. Raise its max_connections or close other clients.`,
    )
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new AuthcostError(
      'postgres.unreachable',
      `The host name in the address of ${where} cannot be resolved (${code}). Check its spelling, or give an IP address.`,
    )
  }
  if (code === '') return failureWithoutCode(error instanceof Error ? error.message : '', where)
  return unreachable(where, code)
}

const unreachable = (where: string, detail: string): AuthcostError =>
  new AuthcostError(
    'postgres.unreachable',
    `Cannot reach ${where} (${detail}). Check that Postgres runs there and accepts connections from this machine.`,
  )

/** What node-postgres finds out by itself has a message only. Those that are repeated hold nothing of the address. */
function failureWithoutCode(message: string, where: string): AuthcostError {
  if (message === 'timeout expired') return unreachable(where, 'no answer in time')
  if (message.startsWith('Connection terminated')) return unreachable(where, 'the connection was closed')
  if (/password must be a/i.test(message)) {
    return new AuthcostError(
      'postgres.password-missing',
      `Postgres asks for a password for ${where}, and none was given. Put it into the address, into PGPASSWORD or into a password file.`,
    )
  }
  if (message === 'The server does not support SSL connections') {
    return new AuthcostError(
      'postgres.ssl',
      `SSL is asked for by the address (sslmode) or PGSSLMODE, and ${where} does not offer it. Ask for none, or turn on ssl in the server's settings.`,
    )
  }
  if (/^SASL|SSL connection$/.test(message)) {
    return new AuthcostError('postgres.login', `The login to ${where} failed: ${message.replace(/\.$/, '')}.`)
  }
  return unreachable(where, 'for a reason without a code, which is not repeated because it may name the address')
}

function portOf(url: string): string | undefined {
  try {
    const { port, searchParams } = new URL(url)
    return [searchParams.get('port'), port, process.env.PGPORT].find((given) => given) ?? '5432'
  } catch {
    return undefined
  }
}

/** Connects as soon as a server that is starting accepts it; gives up after `timeoutMs` or when `signal` aborts. */
export async function connectWhenReady(
  url: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly gone?: () => boolean },
): Promise<pg.Client> {
  const until = performance.now() + options.timeoutMs
  for (;;) {
    options.signal.throwIfAborted()
    try {
      return await connectHarness(url, { timeoutMs: 1000 })
    } catch (error) {
      if (performance.now() > until || options.gone?.() === true) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
