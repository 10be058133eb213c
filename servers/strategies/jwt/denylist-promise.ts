/** How often the connection that keeps a denylist fresh is asked whether it is there: a dead one says nothing. */
export const heartbeatMs = 1000

/** How long such a question may take. */
export const heartbeatTimeoutMs = 1000

/** A revoked token is refused within this time: nearly at once where the connection lives, with 503 where it has died. */
export const propagationMs = heartbeatMs + heartbeatTimeoutMs
