import type { Identity } from '../../contract/identity.ts'
import type { StateSize } from '../../contract/state-size.ts'
import type { IssueOptions, Strategy } from '../../contract/strategy.ts'
import type { Seeding } from '../../database/seeded-session.ts'
import type { SessionRow } from '../../database/sessions.ts'

/** Where sessions lie, as the strategy sees it. A key is what stands at rest in place of the id. */
export interface SessionStore<Key> {
  keyOf(id: string): Key
  /** The key as text, by which a cache knows it. */
  textOf(key: Key): string
  /** A good session, touched as the variant says; undefined for any other. */
  lookUp(key: Key): Promise<SessionRow | undefined>
  insert(key: Key, user: Identity, options: IssueOptions): Promise<void>
  delete(key: Key): Promise<void>
  /** What was seeded here. */
  seeding(): Promise<Seeding | undefined>
  /** What its sessions take, weighed. */
  state(): Promise<readonly StateSize[]>
  counters(): Readonly<Record<string, number>>
  readonly prewarm?: NonNullable<Strategy['prewarm']>
  close(): Promise<void>
}
