import { usageError } from './errors.ts'
import type { ResolvedVariant } from './strategy.ts'

/** @param host a name or an address, IPv6 with or without brackets */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)

/**
 * Keeps from the network what is safe on this machine alone. A server asks for itself, whoever starts it; who starts
 * one asks before it prepares anything.
 *
 * @throws {AuthcostError} `server.host`, a usage error, for a host that is not loopback where identity is taken on trust
 *   or cookies are insecure.
 */
export function refuseOpenHost(
  { host, insecureCookies }: { readonly host: string; readonly insecureCookies: boolean },
  variant: ResolvedVariant,
): void {
  if (isLoopback(host)) return
  if (variant.traits.form === 'none') {
    throw usageError(
      'server.host',
      `"${variant.id}" believes whoever asks and listens on loopback only, not on "${host}". Use 127.0.0.1.`,
    )
  }
  if (insecureCookies) {
    throw usageError(
      'server.host',
      `Insecure cookies are for loopback only, not for "${host}". Use 127.0.0.1, or drop the option.`,
    )
  }
}
