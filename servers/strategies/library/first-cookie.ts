import type { VariantWarning } from '../../contract/strategy.ts'

/**
 * The warning for libraries that take one of two cookies of one name, where the gate's "duplicated cookie" is left out.
 * Which one counts must not be for a sibling host to decide that planted one of them (RFC 6265 section 8.6).
 */
export const firstCookieWarning = (library: string): VariantWarning => ({
  code: 'duplicate-cookie-accepted',
  message: `${library} takes one of two cookies of the same name without complaint, so a cookie planted from a sibling host can take the place of the user's own.`,
  remedy: 'Name the cookie with the __Host- prefix, which a sibling host cannot set.',
})
