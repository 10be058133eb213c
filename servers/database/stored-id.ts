import { hash } from 'node:crypto'
import type { SessionLayout } from '../contract/session-layout.ts'

/** SHA-256 of an id as it is sent: whoever reads the table cannot sign in with it. */
export const hashSessionId = (id: string): Buffer => hash('sha256', id, 'buffer')

/** What lies at rest in place of an id. */
export const storedId = (id: string, layout: Pick<SessionLayout, 'hash'>): Buffer =>
  layout.hash === 'plain' ? Buffer.from(id, 'latin1') : hashSessionId(id)
