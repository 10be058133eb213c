import type { RequestSet } from './request-set.ts'
import type { Window } from './window.ts'

/** How a refusal begins: a problem (RFC 9457) of the application's own, whoever is refused. */
const refusalStart = '{"type":"about:blank","title":"Unauthorized","status":401,'

/**
 * Holds an answer against what was due to its request: the very body of its user, or for a bad credential a refusal.
 * An accept that should have been a refusal and a refusal that should have been an accept are counted apart.
 */
export function countAnswer(window: Window, set: RequestSet, index: number, status: number, body: string): void {
  const accepted = status >= 200 && status <= 299
  if (index < set.goodRequests) {
    if (!accepted) window.non2xx++
    if (body !== set.expectedBodies[index]) window.wrongBodies++
    return
  }
  window.badRequests++
  if (accepted) {
    window.falseAccepts++
    const kind = set.badKinds[index - set.goodRequests]
    if (kind !== undefined) window.acceptedKinds.add(kind)
  } else if (status !== 401 || !body.startsWith(refusalStart)) window.wrongRefusals++
}
