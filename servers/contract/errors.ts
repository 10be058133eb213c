/**
 * The one error class of the project. The message says what happened, with which value, and what to do next;
 * `code` is stable and literal; `cause` keeps what went wrong below. Only `bench/main.ts` turns it into an exit code.
 */
export class AuthcostError extends Error {
  readonly code: string
  /** Process exit code this error leads to: 1 environment or failure, 2 usage (docs/exit-codes in the README). */
  readonly exitCode: 1 | 2

  constructor(code: string, message: string, options: { readonly cause?: unknown; readonly exitCode?: 1 | 2 } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AuthcostError'
    this.code = code
    this.exitCode = options.exitCode ?? 1
  }
}

/** What the user wrote is wrong (an option, a config file, a variant name): exit code 2. */
export const usageError = (code: string, message: string, cause?: unknown): AuthcostError =>
  new AuthcostError(code, message, { exitCode: 2, ...(cause === undefined ? {} : { cause }) })
