import { randomBytes } from 'node:crypto'
import { defineStrategy } from '../contract/define-strategy.ts'
import type { CredentialTraits, VariantWarning } from '../contract/strategy.ts'
import { cacheTtlMs } from './cache-ttl.ts'
import { type SessionParameters, sessionLayout, sessionParameters, touchOf } from './session/parameters.ts'

export const sessionCookieName = '__Host-authcost-session'

/** Seeded sessions are not used before the run uses them, and rarely drawn users not often. */
const shortestSafeIdleTimeoutS = 600

export const session = defineStrategy<SessionParameters>({
  name: 'session',
  summary: 'An opaque id in a cookie: SHA-256, then one prepared query that joins session and user.',
  parameters: sessionParameters,
  label: labelOf,
  // With sessions in Redis, Postgres still holds the users who sign in.
  needs: ({ store }) => (store === 'redis' ? ['postgres', 'redis'] : ['postgres']),
  traits: (parameters) => {
    const ttlMs = cacheTtlMs(parameters.cacheTtl)
    const periodic = periodicOf(parameters)
    const atTimeout = { kind: 'at-expiry' as const, lifetimeS: parameters.absoluteTimeoutS }
    return {
      form: 'opaque',
      carrier: { kind: 'cookie', name: sessionCookieName },
      revocation: ttlMs === 0 ? { kind: 'next-request' } : { kind: 'within', ms: ttlMs, canBeShortened: true },
      // What lies in Redis is a copy of the user as they were at login, which nobody finds by the user. Postgres is asked
      // at login alone.
      ...(parameters.store === 'redis' ? { asksDatabase: false, roleChange: atTimeout, userDeletion: atTimeout } : {}),
      ...(periodic === undefined ? {} : { periodic }),
      ...(parameters.touch === 'never' ? {} : { idleTimeoutS: parameters.idleTimeoutS }),
    }
  },
  warnings: warningsOf,
  sessionLayout,
  /** `sessionSecret` is the run's: the one the sessions were seeded with has to be put in its place. */
  createSecrets: async () => ({ sessionSecret: randomBytes(32).toString('hex') }),
  load: async () => (await import('./session/create-session-strategy.ts')).createSessionStrategy,
})

function labelOf({ store, cacheTtl, touch, hash, idBytes, prepared, index, table }: SessionParameters): string {
  return [
    store === 'redis' ? 'Session in Redis' : 'Session',
    ...(cacheTtl === 'off' ? [] : [`cached ${cacheTtl}`]),
    ...(touch === 'never' ? [] : [touch === 'always' ? 'touched always' : `touched every ${touch}`]),
    ...(hash === 'plain' ? ['plain id'] : []),
    ...(prepared ? [] : ['not prepared']),
    ...(index === 'hash' ? ['hash index'] : []),
    ...(table === 'unlogged' ? ['unlogged'] : []),
    ...(idBytes === 32 ? [] : [`${idBytes} byte id`]),
  ].join(', ')
}

/** The cache if there is one: behind it, touches come at its pace. */
function periodicOf({ cacheTtl, touch }: SessionParameters): CredentialTraits['periodic'] {
  const ttlMs = cacheTtlMs(cacheTtl)
  if (ttlMs > 0) return { everyMs: ttlMs, what: 'cached sessions are looked up again', canBeShortened: true }
  const policy = touchOf(touch)
  return typeof policy === 'object'
    ? { everyMs: policy.everyS * 1000, what: 'the time of use is written', canBeShortened: true }
    : undefined
}

function warningsOf({ hash, table, touch, idleTimeoutS }: SessionParameters): VariantWarning[] {
  return [
    ...(hash === 'plain'
      ? [
          {
            code: 'session-id-plain',
            message: 'Unsafe: id stored plain. Whoever reads the table, a backup or a log of its queries can sign in.',
            remedy: 'Use hash=sha256, the default.',
          },
        ]
      : []),
    ...(table === 'unlogged'
      ? [
          {
            code: 'session-table-unlogged',
            message: 'An unlogged table is emptied when Postgres recovers from a crash, and is not replicated.',
            remedy: 'Use it only where everybody may have to sign in again.',
          },
        ]
      : []),
    ...(touch !== 'never' && idleTimeoutS < shortestSafeIdleTimeoutS
      ? [
          {
            code: 'session-idle-timeout-short',
            message: `Seeded sessions not used for ${idleTimeoutS} s end while measuring, and their requests are refused.`,
            remedy: `Measure with idleTimeoutS=${shortestSafeIdleTimeoutS} or more: its length costs nothing.`,
          },
        ]
      : []),
  ]
}
