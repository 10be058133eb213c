import type { Preparation } from '../contract/preparation.ts'
import { protocolVersion } from '../contract/protocol.ts'

/** A small preparation: 10 users, 45 sessions. */
export const smallPreparation = (databaseUrl: string, databaseSchema: string): Preparation => ({
  protocolVersion,
  databaseUrl,
  databaseSchema,
  users: 10,
  sessions: 45,
  sessionSecret: '0f'.repeat(32),
  sessionLifetimeS: 3600,
  writes: false,
})
