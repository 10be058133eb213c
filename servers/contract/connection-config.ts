/** Fields of node-postgres' configuration. */
export interface ConnectionConfig {
  readonly connectionString: string
  readonly application_name: string
  readonly options?: string
}

const overriding = ['options', 'application_name', 'fallback_application_name'] as const

/**
 * What a connection under a name of ours is made with. For node-postgres the parameters of an address outrank everything
 * beside it: those that would replace our name are dropped, and our search path goes behind the options that an address
 * brings, of which the last counts.
 *
 * @param searchPath a schema name that needs no quotes.
 */
export function connectionConfig(
  databaseUrl: string,
  own: { readonly applicationName: string; readonly searchPath?: string },
): ConnectionConfig {
  const address = new URL(databaseUrl)
  const given = address.searchParams.getAll('options')
  const present = overriding.filter((name) => address.searchParams.has(name))
  for (const name of present) address.searchParams.delete(name)
  const options = [...given, ...(own.searchPath === undefined ? [] : [`-c search_path=${own.searchPath}`])].join(' ')
  return {
    // Written anew only where it must be: an address stays as it was given wherever it can.
    connectionString: present.length === 0 ? databaseUrl : address.href,
    application_name: own.applicationName,
    ...(options === '' ? {} : { options }),
  }
}
