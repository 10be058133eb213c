import { type Identity, seededIdentity } from '../contract/identity.ts'
import type { IssueOptions, Strategy } from '../contract/strategy.ts'

/** At most so many logins at once: enough to keep the pool busy, few enough to keep its queue short. */
const batchSize = 64

/**
 * Request headers of seeded users, in order.
 *
 * @param range user numbers, both inclusive.
 * @param fresh make state of its own for each (a login) rather than point at the seeded one.
 */
export async function issueHeaders(
  strategy: Strategy,
  range: { readonly fromUserId: number; readonly toUserId: number },
  options: IssueOptions & { readonly fresh: boolean },
): Promise<Record<string, string>[]> {
  const users = Array.from({ length: Math.max(0, range.toUserId - range.fromUserId + 1) }, (_, i) =>
    seededIdentity(range.fromUserId + i),
  )
  return issueHeadersTo(strategy, users, options)
}

/** Request headers of these users, in order; see {@link issueHeaders}. */
export async function issueHeadersTo(
  strategy: Strategy,
  users: readonly Identity[],
  options: IssueOptions & { readonly fresh: boolean },
): Promise<Record<string, string>[]> {
  if (!options.fresh && strategy.seededCredentials !== undefined) {
    return (await strategy.seededCredentials(users, options)).map((headers) => ({ ...headers }))
  }
  const headers: Record<string, string>[] = []
  for (let start = 0; start < users.length; start += batchSize) {
    const batch = users.slice(start, start + batchSize)
    const issued = await Promise.all(batch.map((user) => strategy.issue(user, options)))
    headers.push(...issued.map(({ requestHeaders }) => ({ ...requestHeaders })))
  }
  return headers
}
