/** The cookie came more than once: nobody can say which one is meant, so neither counts (RFC 6265 section 8.6). */
export const duplicateCookie: unique symbol = Symbol('duplicate cookie')

/**
 * One cookie of a `Cookie` header, without parsing the others: what a strategy pays for on every request.
 *
 * @param header the header as received; node joins several with `; `.
 * @param name the exact name, case-sensitive.
 * @returns the value as sent (not percent-decoded), `undefined` where it is missing, `duplicateCookie` where it is
 *   there twice.
 */
export function readCookie(header: string | undefined, name: string): string | undefined | typeof duplicateCookie {
  if (header === undefined) return undefined
  const first = valueStart(header, name, 0)
  if (first === -1) return undefined
  const end = header.indexOf(';', first)
  if (end === -1) return header.slice(first)
  if (valueStart(header, name, end + 1) !== -1) return duplicateCookie
  return header.slice(first, end)
}

/** Where the value of the next cookie called `name` begins, or -1. */
function valueStart(header: string, name: string, from: number): number {
  let at = header.indexOf(name, from)
  while (at !== -1) {
    const after = at + name.length
    if (header.charCodeAt(after) === 0x3d && beginsCookie(header, at)) return after + 1
    at = header.indexOf(name, after)
  }
  return -1
}

/** Whether nothing but spaces stands between `at` and the `;` before it, or the start of the header. */
function beginsCookie(header: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && (header.charCodeAt(before) === 0x20 || header.charCodeAt(before) === 0x09)) before--
  return before < 0 || header.charCodeAt(before) === 0x3b
}
