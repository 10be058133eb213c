import { createHash } from 'node:crypto'
import { z } from 'zod'
import { defaultSessionLayout, type SessionLayout } from '../../contract/session-layout.ts'
import { cacheTtlMs, cacheTtlSchema } from '../cache-ttl.ts'
import { durationMs, durationText } from '../duration-text.ts'

const positive = () => z.coerce.number().int().positive()
const defaultIdleTimeoutS = 1800

const touchSchema = z
  .union([z.string(), z.number()])
  .default('never')
  .transform((text, context) => {
    if (text === 'never' || text === 'always') return text
    // A bare number is seconds here, as the parameter is about seconds.
    const written = String(text).replace(/^every\s*/, '')
    const ms = /^\d+$/.test(written) ? Number(written) * 1000 : durationMs(written)
    if (ms !== undefined && ms >= 1000 && ms % 1000 === 0) return durationText(ms)
    context.addIssue({ code: 'custom', message: 'write it as never, always or a number of seconds, for example 60s' })
    return z.NEVER
  })

export const sessionParameters = z
  .object({
    store: z.enum(['postgres', 'redis']).default('postgres').describe('where sessions lie: postgres or redis'),
    cacheTtl: cacheTtlSchema.describe('how long a session may be answered from memory: off, or for example 1s'),
    touch: touchSchema.describe('when the time of use is written: never, always, or at most every so often (60s)'),
    absoluteTimeoutS: positive().default(43_200).describe('lifetime of a session from its login, seconds'),
    idleTimeoutS: positive()
      .default(defaultIdleTimeoutS)
      .describe('a session not used for so long ends, seconds; needs touch'),
    hash: z.enum(['sha256', 'plain']).default('sha256').describe('how the id lies at rest: sha256 or plain (unsafe)'),
    idBytes: z.coerce.number().int().min(16).max(64).default(32).describe('random bytes of an id, 16 to 64'),
    prepared: z
      .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
      .default(true)
      .describe('whether the query is prepared: true or false'),
    index: z.enum(['btree', 'hash']).default('btree').describe('index of the id: btree or hash'),
    table: z.enum(['logged', 'unlogged']).default('logged').describe('logged, or unlogged (lost in a crash)'),
  })
  .superRefine((given, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
    if (given.touch === 'never') {
      if (given.idleTimeoutS !== defaultIdleTimeoutS) {
        refuse('idleTimeoutS', 'nobody would know when a session was last used. Add touch=always or touch=60s')
      }
    } else if (given.idleTimeoutS * 1000 <= touchEveryMs(given.touch) + cacheTtlMs(given.cacheTtl)) {
      refuse(
        'touch',
        `with a cache between, a session in use would end: idleTimeoutS (${given.idleTimeoutS}) must be longer than touch and cacheTtl together`,
      )
    }
    if (given.store === 'redis') {
      for (const name of ['prepared', 'index', 'table'] as const) {
        if (given[name] !== (name === 'prepared' ? true : defaultSessionLayout[name])) {
          refuse(name, 'it is a matter of Postgres, and these sessions lie in Redis')
        }
      }
    }
  })

export type SessionParameters = z.infer<typeof sessionParameters>

export type Touch = 'never' | 'always' | { readonly everyS: number }

/** A parsed `touch`. */
export const touchOf = (touch: string): Touch =>
  touch === 'never' || touch === 'always' ? touch : { everyS: touchEveryMs(touch) / 1000 }

const touchEveryMs = (touch: string): number => (touch === 'never' || touch === 'always' ? 0 : (durationMs(touch) ?? 0))

/**
 * The same with clocks that run faster: the cache, or without one the touch, has this period; a touch behind a cache
 * keeps its proportion to it. Sessions lie where they lay: the layout is that of the parameters as given.
 */
export function atPeriod(parameters: SessionParameters, periodMs: number | undefined): SessionParameters {
  const { cacheTtl, touch } = parameters
  const ownMs = cacheTtlMs(cacheTtl) || touchEveryMs(touch)
  if (periodMs === undefined || ownMs === 0) return parameters
  // Whole seconds, as Postgres is told them.
  const touchS = Math.max(1, Math.round((touchEveryMs(touch) * periodMs) / ownMs / 1000))
  return {
    ...parameters,
    cacheTtl: cacheTtl === 'off' ? cacheTtl : durationText(periodMs),
    touch: touch === 'never' || touch === 'always' ? touch : durationText(touchS * 1000),
  }
}

/**
 * Where the sessions of a variant lie. Variants that only read share the table of their layout; one that writes has it
 * to itself, so that no other variant touches its sessions or reads the row versions it leaves.
 */
export function sessionLayout(parameters: SessionParameters): SessionLayout {
  const { store, hash, idBytes, index, table } = parameters
  const written = parameters.touch !== 'never'
  const parts = [
    defaultSessionLayout.name,
    ...(written
      ? [
          'touched',
          createHash('sha256')
            .update(JSON.stringify(Object.entries(parameters).sort()))
            .digest('hex')
            .slice(0, 8),
        ]
      : [
          ...(hash === 'plain' ? ['plain'] : []),
          ...(index === 'hash' ? ['hash_index'] : []),
          ...(table === 'unlogged' ? ['unlogged'] : []),
          ...(idBytes === defaultSessionLayout.idBytes ? [] : [`${idBytes}_bytes`]),
        ]),
  ]
  return {
    store,
    name: parts.join('_'),
    hash,
    idBytes,
    index,
    table,
    written,
    ...(written ? { idleTimeoutS: parameters.idleTimeoutS } : {}),
  }
}
