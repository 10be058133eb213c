import { AuthcostError } from '../../servers/contract/errors.ts'
import { credentialOf, type RequestHeaders, withoutCookie } from '../gate/credential.ts'

/**
 * What clients send once their cookie of this name has run out.
 *
 * @throws {AuthcostError} `strategy.periodic` where none of them has it: nothing would run out.
 */
export function lapsedHeaders(headers: readonly RequestHeaders[], cookie: string): RequestHeaders[] {
  if (headers.every((sent) => credentialOf(sent, { kind: 'cookie', name: cookie }) === undefined)) {
    throw new AuthcostError(
      'strategy.periodic',
      `Its traits say that the cookie ${cookie} runs out (periodic.begins.withoutCookie), and no request it issued carries one. The name in the traits and the request headers of its issue() must agree.`,
    )
  }
  return headers.map((sent) => withoutCookie(sent, cookie))
}
