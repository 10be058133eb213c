import type { FastifyReply } from 'fastify'
import type { CredentialTraits, RefusalReason } from '../contract/strategy.ts'

/** Answers an RFC 9457 problem. `code` is stable; `detail` is a sentence and never holds what the client sent. */
export function sendProblem(reply: FastifyReply, status: number, code: string, detail: string): void {
  reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .send(JSON.stringify({ type: 'about:blank', title: titles[status] ?? 'Error', status, code, detail }))
}

/** Answers a refusal: 401 with a challenge, or 503 where the strategy cannot decide. */
export function sendRefusal(reply: FastifyReply, reason: RefusalReason, challenge: string): void {
  if (reason === 'unavailable') {
    reply.header('retry-after', '1')
    sendProblem(reply, 503, 'unavailable', 'Whether this credential is good cannot be decided right now.')
    return
  }
  reply.header('www-authenticate', reason === 'missing' ? challenge : `${challenge}, error="invalid_token"`)
  // Revoked, expired and forged look alike to the client: a refusal is no oracle.
  const code = reason === 'missing' ? 'missing-credential' : 'invalid-credential'
  sendProblem(
    reply,
    401,
    code,
    reason === 'missing' ? 'Sign in first.' : 'This credential is not valid. Sign in again.',
  )
}

/** The value of `WWW-Authenticate` (RFC 9110 section 11.6.1) for how a variant's credential travels. */
export function challengeFor(carrier: CredentialTraits['carrier']): string {
  if (carrier.kind === 'cookie') return `Cookie realm="authcost", cookie-name="${carrier.name}"`
  return carrier.scheme === 'Bearer' ? 'Bearer realm="authcost"' : `Header realm="authcost", name="${carrier.name}"`
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}
