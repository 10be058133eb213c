/** What clients find out by themselves has a message only. Nothing of an address is in these. */
const knownMessages: readonly (readonly [RegExp, string])[] = [
  [/^timeout e|timeout$/i, 'no answer in time'],
  [/^Connection (?:terminated|is closed)/, 'the connection was closed'],
]

/**
 * Why a database or a Redis did not answer, without host, user or name of a database: messages of servers and of the
 * system hold them, and what is said of a failure may end in results that are published. The code says enough; the rest
 * is in the cause.
 */
export function failureReason(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no connection'
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  // A refusal of Redis begins with its code: WRONGPASS, NOAUTH, READONLY.
  if (cause.name === 'ReplyError') return /^[A-Z]+/.exec(cause.message)?.[0] ?? 'refused'
  return knownMessages.find(([pattern]) => pattern.test(cause.message))?.[1] ?? 'no connection'
}
