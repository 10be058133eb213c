import { AuthcostError } from '../../servers/contract/errors.ts'
import type { Child } from './child.ts'

/** A message as its sender writes it; the child adds the id by which the reply is found. */
export type RequestOf<Message> = Message extends { requestId: number } ? Omit<Message, 'requestId'> : never

/** What every child answers when it could not do what it was asked. */
interface Failed {
  readonly type: 'failed'
  readonly code: string
  readonly message: string
}

/**
 * How to ask one kind of child for a reply of an expected type. Asking throws an {@link AuthcostError}: the child's own
 * code and message when it answers `failed`, `launch.protocol` when it answers anything else.
 *
 * @param schema of all its replies
 */
export const asker =
  <Message extends { readonly requestId: number }, Reply extends { readonly type: string }>(schema: {
    parse(reply: unknown): Reply
  }) =>
  async <T extends Reply['type']>(
    child: Child,
    request: RequestOf<Message>,
    expected: T,
    timeoutMs = 30_000,
  ): Promise<Extract<Reply, { type: T }>> => {
    const reply = schema.parse(await child.request(request, timeoutMs))
    if (isFailed(reply)) throw new AuthcostError(reply.code, `${child.name}: ${reply.message}`)
    if (isOfType(reply, expected)) return reply
    throw new AuthcostError('launch.protocol', `${child.name} answered "${reply.type}" where "${expected}" was due.`)
  }

const isFailed = (reply: { readonly type: string }): reply is Failed => reply.type === 'failed'

const isOfType = <Reply extends { readonly type: string }, T extends Reply['type']>(
  reply: Reply,
  type: T,
): reply is Extract<Reply, { type: T }> => reply.type === type
