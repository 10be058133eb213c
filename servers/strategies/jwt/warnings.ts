import type { VariantWarning } from '../../contract/strategy.ts'
import type { JwtParameters } from '../jwt.ts'
import { bestKeyForm, reimport, verifierLabel } from './key-forms.ts'
import { tokenLength } from './parameter-rules.ts'

/** Browsers drop a cookie whose name, value and attributes exceed this (RFC 6265bis section 5.6: at least 4096). */
const cookieLimit = 4096

/** What whoever measures, or copies, this variant should know. */
export function jwtWarnings(given: JwtParameters): readonly VariantWarning[] {
  const { alg, verifier, key, build, transport } = given
  const best = bestKeyForm(verifier, alg)
  const warnings: VariantWarning[] = []
  const how = reimport(verifier, alg, key === 'best' ? best : key)
  if (how !== undefined) {
    warnings.push({
      code: 'jwt.key-reimported',
      message: `The key is imported anew on every request: ${how}.`,
      remedy: `Leave key at its default: ${verifierLabel(verifier)} works best with key=${best} for ${alg}.`,
    })
  }
  if (build === 'per-request') {
    warnings.push({
      code: 'jwt.verifier-per-request',
      message: 'Key and verifier are made anew for every request: this is the slow way, kept to be compared.',
      remedy: 'Make them once when the server starts (build=once).',
    })
  }
  if (transport === 'cookie' && tokenLength(given) > cookieLimit) {
    warnings.push({
      code: 'jwt.cookie-too-large',
      message: `Tokens of about ${tokenLength(given)} characters do not fit into a cookie: browsers drop those over ${cookieLimit} bytes.`,
      remedy: 'Use transport=bearer, fewer claims, or an algorithm with a shorter signature.',
    })
  }
  return warnings
}
