import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './problem.ts'

/**
 * Refuses requests that another site, or another port of this host, made a browser send (403), before the body is read.
 * `Sec-Fetch-Site` decides where present; else `Origin` must be the server's own; with neither it is no browser.
 * SameSite is no defence here: ports of one host are the same site.
 * Source: OWASP CSRF Prevention Cheat Sheet, "Fetch Metadata" and "Verifying Origin With Standard Headers".
 */
export function refuseCrossSite(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (request.method === 'GET' || request.method === 'HEAD' || comesFromHere(request)) {
    done()
    return
  }
  sendProblem(reply, 403, 'cross-site', 'This request was sent by another site and was not carried out.')
}

/** The rule itself: see `refuseCrossSite`. */
export function comesFromHere(request: Pick<FastifyRequest, 'headers' | 'protocol'>): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = request.headers.origin
  if (origin !== undefined) return origin === `${request.protocol}://${request.headers.host ?? ''}`
  return true
}
