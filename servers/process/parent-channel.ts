import { AuthcostError } from '../contract/errors.ts'

/**
 * Ties this process to the one that forked it: it ends when the channel closes (so that even a SIGKILL of the parent
 * leaves no child) and leaves Ctrl-C to the parent.
 */
export function followParent(): void {
  process.on('disconnect', () => process.exit(0))
  process.on('SIGINT', () => {})
}

/** Sends a message to the parent; resolves once it has been handed over. A parent that has gone is no error. */
export function tellParent(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, () => resolve())
  })
}

/** Code and message of a failure, for a message to the parent. */
export function describeFailure(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof AuthcostError) return { code: error.code, message: error.message }
  return { code: 'server.failed', message: error instanceof Error ? error.message : String(error) }
}
