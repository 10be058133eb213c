import { AuthcostError } from '../../contract/errors.ts'
import type { ListeningConnection, OpenListeningConnection } from '../../contract/listening-connection.ts'
import type { CountedDatabase, Statement } from '../../contract/strategy.ts'
import { deniedFamilies, deniedFamiliesChannel, denyFamily } from '../../database/denied-families.ts'
import { isExpired } from './access-token.ts'
import type { DenialVerdict, Denylist } from './denylist.ts'
import { heartbeatMs } from './denylist-promise.ts'

/** Waits between attempts to connect again, milliseconds; the last one repeats. */
const reconnectDelaysMs = [20, 50, 100, 250, 500, 1000]

/** To read the whole list in, milliseconds: millions of entries take seconds. */
const rebuildTimeoutMs = 60_000

/** Expired entries are dropped when so many have come since the last time. */
const sweepEvery = 1000

export interface MemoryDenylistOptions {
  /** For writing: the pool. */
  readonly database: CountedDatabase
  readonly open: OpenListeningConnection | undefined
  readonly now: () => number
}

/**
 * A copy of the denylist in memory, so that a request asks nobody. Kept fresh by LISTEN/NOTIFY on a connection of its own.
 * It fails closed: while that connection is down, no token is known not to be revoked, so every request gets 503 until the
 * list has been read again in full.
 *
 * @throws {AuthcostError} `database.*` when the list cannot be read at the start.
 */
export async function denylistInMemory(options: MemoryDenylistOptions): Promise<Denylist> {
  const { open } = options
  if (open === undefined) {
    throw new AuthcostError('database.absent', 'A denylist in memory needs a database to be kept fresh from.')
  }
  const list = new MemoryDenylist(options, open)
  await list.connect()
  return list
}

class MemoryDenylist implements Denylist {
  readonly #options: MemoryDenylistOptions
  readonly #open: OpenListeningConnection
  /** By family: until when its tokens have to be denied, seconds since the epoch. */
  readonly #denied = new Map<string, number>()
  #connection: ListeningConnection | undefined
  #fresh = false
  #closed = false
  #attempts = 0
  #reloads = 0
  #notifications = 0
  #addedSinceSweep = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: MemoryDenylistOptions, open: OpenListeningConnection) {
    this.#options = options
    this.#open = open
  }

  check(familyId: string): DenialVerdict {
    if (!this.#fresh) return 'unavailable'
    return this.#denied.has(familyId) ? 'revoked' : undefined
  }

  async deny(familyId: string, untilS: number): Promise<void> {
    await denyFamily(this.#options.database, familyId, untilS)
    // This server need not wait for its own notification.
    this.#add(familyId, untilS)
  }

  /** Listens first and reads the list then: what is denied in between comes as a notification. */
  async connect(): Promise<void> {
    let over = false
    let established = false
    const connection = await this.#open({
      onNotification: (payload) => this.#onNotification(payload),
      onLost: () => {
        over = true
        if (established) this.#onLost()
      },
    })
    try {
      await connection.listen(await deniedFamiliesChannel(connection))
      this.#denied.clear()
      const patient = {
        query: <Row>(statement: Statement) => connection.query<Row>(statement, { timeoutMs: rebuildTimeoutMs }),
      }
      for (const { familyId, expiresAtS } of await deniedFamilies(patient)) this.#denied.set(familyId, expiresAtS)
      if (over) throw new AuthcostError('database.unavailable', 'The connection ended while the denylist was read.')
    } catch (cause) {
      await connection.close().catch(() => {})
      throw new AuthcostError('database.unavailable', 'The denylist cannot be read. Does the database run?', { cause })
    }
    if (this.#closed) {
      await connection.close().catch(() => {})
      return
    }
    established = true
    this.#connection = connection
    this.#attempts = 0
    this.#reloads++
    this.#fresh = true
    this.#later(heartbeatMs, () => this.#heartbeat(connection))
  }

  counters(): Readonly<Record<string, number>> {
    return {
      denylistEntries: this.#denied.size,
      denylistReloads: this.#reloads,
      denylistNotifications: this.#notifications,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#fresh = false
    clearTimeout(this.#timer)
    await this.#connection?.close()
  }

  async #heartbeat(connection: ListeningConnection): Promise<void> {
    try {
      await connection.query({ text: 'SELECT 1', values: [] })
      if (connection === this.#connection) this.#later(heartbeatMs, () => this.#heartbeat(connection))
    } catch {
      if (connection !== this.#connection) return
      connection.close().catch(() => {})
      this.#onLost()
    }
  }

  #onLost(): void {
    this.#fresh = false
    this.#connection = undefined
    if (this.#closed) return
    const delayMs = reconnectDelaysMs[Math.min(this.#attempts++, reconnectDelaysMs.length - 1)] ?? 0
    this.#later(delayMs, async () => {
      try {
        await this.connect()
      } catch {
        this.#onLost()
      }
    })
  }

  #later(delayMs: number, work: () => Promise<void>): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => void work(), delayMs)
    // A server that is done must not live on for this.
    this.#timer.unref()
  }

  #onNotification(payload: string): void {
    this.#notifications++
    const space = payload.indexOf(' ')
    const untilS = Number(payload.slice(space + 1))
    if (space > 0 && Number.isFinite(untilS)) this.#add(payload.slice(0, space), untilS)
  }

  #add(familyId: string, untilS: number): void {
    this.#denied.set(familyId, Math.max(untilS, this.#denied.get(familyId) ?? 0))
    if (++this.#addedSinceSweep < sweepEvery) return
    this.#addedSinceSweep = 0
    const nowMs = this.#options.now()
    for (const [id, untilS] of this.#denied) if (isExpired(untilS, nowMs)) this.#denied.delete(id)
  }
}
