import type { FastifyInstance } from 'fastify'
import type { CredentialCookie } from '../contract/strategy.ts'

const prefixPattern = /^__(?:Host|Secure)-/

/** The name under which a browser keeps the cookie: without `Secure` a prefix would make it refuse the cookie. */
export const sentCookieName = (productionName: string, insecure: boolean): string =>
  insecure ? productionName.replace(prefixPattern, '') : productionName

/** A `Set-Cookie` value: always HttpOnly, Secure unless `insecure`. `maxAgeS` 0 deletes the cookie. */
export function serializeCookie(cookie: CredentialCookie, insecure: boolean): string {
  const parts = [
    `${sentCookieName(cookie.name, insecure)}=${cookie.value}`,
    `Path=${cookie.path}`,
    `Max-Age=${Math.max(0, Math.floor(cookie.maxAgeS))}`,
    'HttpOnly',
    `SameSite=${cookie.sameSite === 'strict' ? 'Strict' : 'Lax'}`,
  ]
  if (!insecure) parts.push('Secure')
  return parts.join('; ')
}

/**
 * With insecure cookies a browser sends the names without their prefix; they are given their production names back
 * before a strategy looks, so that strategies know one name only. Never part of a measured run.
 */
export function restoreCookieNames(app: FastifyInstance, productionNames: readonly string[]): void {
  const byShortName = new Map(productionNames.map((name) => [sentCookieName(name, true), name]))
  app.addHook('onRequest', (request, _reply, done) => {
    const header = request.headers.cookie
    if (header !== undefined) {
      request.headers.cookie = header
        .split(';')
        .map((pair) => {
          const [name = '', ...value] = pair.trim().split('=')
          return `${byShortName.get(name) ?? name}=${value.join('=')}`
        })
        .join('; ')
    }
    done()
  })
}

/** With insecure cookies: those that a library sets by itself lose prefix and `Secure` too. Goes behind the library's own hooks. */
export function dropSecure(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, _payload, done) => {
    const lines = [reply.getHeader('set-cookie') ?? []].flat()
    reply.removeHeader('set-cookie')
    if (lines.length > 0) {
      const insecure = lines.map((line) =>
        String(line)
          .replace(prefixPattern, '')
          .replace(/; *Secure(?=;|$)/i, ''),
      )
      reply.header('set-cookie', insecure)
    }
    done()
  })
}
