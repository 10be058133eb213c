import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Listener, ListeningConnection } from '../../contract/listening-connection.ts'
import { denylistInMemory } from './denylist-in-memory.ts'
import { heartbeatMs } from './denylist-promise.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A database that holds denied families and lets its listening connection be cut, muted and refused. */
class FakeDatabase {
  denied: { familyId: string; expiresAtS: number }[] = []
  refuses = false
  dead = false
  opened = 0
  listener: Listener | undefined

  readonly open = async (listener: Listener): Promise<ListeningConnection> => {
    if (this.refuses) throw new Error('connection refused')
    this.opened++
    this.listener = listener
    return { query: this.query, listen: async () => {}, close: async () => {} }
  }

  /** How long the list takes to be read, milliseconds. */
  readingMs = 0

  readonly query: ListeningConnection['query'] = async <Row>(
    statement: { text: string; values: unknown[] },
    { timeoutMs = 1000 } = {},
  ) => {
    if (this.dead) throw new Error('timeout')
    if (statement.text.includes('FROM denied_families') && this.readingMs > timeoutMs) throw new Error('timeout')
    const rows: Row[] = []
    if (statement.text.includes('FROM denied_families')) {
      Object.assign(rows, this.denied)
    }
    return { rows, rowCount: rows.length }
  }

  list() {
    const database = { query: this.query, transaction: () => Promise.reject(new Error('not here')) }
    return denylistInMemory({ database, open: this.open, now: Date.now })
  }
}

const later = 4_000_000_000

describe('a denylist in memory', () => {
  it('knows what was denied before it began, and what it is told of', async () => {
    const database = new FakeDatabase()
    database.denied = [{ familyId: 'before', expiresAtS: later }]
    const list = await database.list()
    expect([list.check('before'), list.check('other')]).toEqual(['revoked', undefined])
    database.listener?.onNotification(`other ${later}`)
    expect(list.check('other')).toBe('revoked')
    await list.close()
  })

  it('denies at once what it denies itself', async () => {
    const list = await new FakeDatabase().list()
    await list.deny('mine', later)
    expect(list.check('mine')).toBe('revoked')
    await list.close()
  })

  it('decides nothing while its connection is down, and knows afterwards what happened meanwhile', async () => {
    const database = new FakeDatabase()
    const list = await database.list()
    database.refuses = true
    database.listener?.onLost()
    expect(list.check('any')).toBe('unavailable')
    await vi.advanceTimersByTimeAsync(500)
    expect(list.check('any')).toBe('unavailable')
    database.denied = [{ familyId: 'meanwhile', expiresAtS: later }]
    database.refuses = false
    await vi.advanceTimersByTimeAsync(1000)
    expect([list.check('meanwhile'), list.check('any')]).toEqual(['revoked', undefined])
    await list.close()
  })

  it('finds by itself that a silent connection is dead', async () => {
    const database = new FakeDatabase()
    const list = await database.list()
    database.dead = true
    await vi.advanceTimersByTimeAsync(heartbeatMs)
    expect(list.check('any')).toBe('unavailable')
    database.dead = false
    await vi.advanceTimersByTimeAsync(1000)
    expect(list.check('any')).toBeUndefined()
    expect(database.opened).toBe(2)
    await list.close()
  })

  it('is read for as long as a long list takes', async () => {
    const database = new FakeDatabase()
    database.readingMs = 30_000
    database.denied = [{ familyId: 'one', expiresAtS: later }]
    const list = await database.list()
    expect(list.check('one')).toBe('revoked')
    await list.close()
  })

  it('is not shortened by what it is told later', async () => {
    const database = new FakeDatabase()
    const list = await database.list()
    database.listener?.onNotification(`family ${later}`)
    database.listener?.onNotification('family 1')
    for (let i = 0; i < 1000; i++) database.listener?.onNotification(`${i} 1`)
    expect(list.check('family')).toBe('revoked')
    await list.close()
  })

  it('does not begin without its list', async () => {
    const database = new FakeDatabase()
    database.refuses = true
    await expect(database.list()).rejects.toThrow('refused')
    database.refuses = false
    database.dead = true
    await expect(database.list()).rejects.toMatchObject({ code: 'database.unavailable' })
  })

  it('lets go of families whose tokens have expired by themselves', async () => {
    const database = new FakeDatabase()
    const list = await database.list()
    for (let i = 0; i < 2500; i++) database.listener?.onNotification(`${i} 1`)
    expect(list.counters().denylistEntries).toBeLessThanOrEqual(1000)
    await list.close()
    expect(list.check('any')).toBe('unavailable')
  })
})
