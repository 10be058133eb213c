import { AuthcostError } from '../../contract/errors.ts'
import { issueAnswerSchema, issueBatchSize } from '../../contract/issuer-protocol.ts'
import type { TokenSigner, TokenSubject } from './access-token.ts'

const timeoutMs = 30_000

/**
 * Has another process sign, so that this one holds no key that could.
 *
 * @param secret what the issuer knows this server by.
 */
export function remoteSigner(issuerUrl: string, secret: string): TokenSigner {
  const url = new URL('/issue', issuerUrl)
  const signBatch = async (
    subjects: readonly TokenSubject[],
    nowMs: number,
    lifetimeS: number,
  ): Promise<readonly string[]> => {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ subjects, nowMs, lifetimeS }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new AuthcostError('jwt.issuer', 'The issuer did not answer when asked for tokens. Does it run?', { cause })
    })
    if (!answer.ok) throw new AuthcostError('jwt.issuer', `The issuer answered ${answer.status} when asked for tokens.`)
    const { tokens } = issueAnswerSchema.parse(await answer.json())
    if (tokens.length === subjects.length) return tokens
    throw new AuthcostError('jwt.issuer', `The issuer made ${tokens.length} tokens for ${subjects.length} users.`)
  }
  return async (subjects, nowMs, lifetimeS) => {
    const tokens: string[] = []
    for (let start = 0; start < subjects.length; start += issueBatchSize) {
      tokens.push(...(await signBatch(subjects.slice(start, start + issueBatchSize), nowMs, lifetimeS)))
    }
    return tokens
  }
}
