/**
 * What went wrong first: where giving resources back fails as well, `await using` throws an error that has the one before
 * it in `suppressed`. Known by name: Node 20 has no such class.
 */
export function firstFailure(error: unknown): unknown {
  let first = error
  while (first instanceof Error && first.name === 'SuppressedError' && 'suppressed' in first) first = first.suppressed
  return first
}
