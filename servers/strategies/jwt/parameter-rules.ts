import type { z } from 'zod'
import { maximumCredentialLength } from '../../contract/token-claims.ts'
import type { JwtParameters } from '../jwt.ts'
import { algorithms, hasMlDsa, mlDsaNeeds, signatureBytes } from './algorithms.ts'
import { bestKeyForm, refusedAlgorithm, refusedKeyForm } from './key-forms.ts'

/** Header and claims of a token before `claims` is added, JSON: 100 and 330 bytes are above what any user's take. */
const headerBytes = 100
const claimBytes = 330

const encodedLength = (bytes: number): number => Math.ceil((bytes * 4) / 3)

/** Characters that a token has at most, dots included. */
export const tokenLength = ({ alg, modulus, claims }: Pick<JwtParameters, 'alg' | 'modulus' | 'claims'>): number =>
  encodedLength(headerBytes) + encodedLength(claimBytes + claims) + encodedLength(signatureBytes(alg, modulus)) + 2

/** A form that is named and is the best one is no other variant than the default. */
export const chooseBestKey = (given: JwtParameters): JwtParameters =>
  given.key === bestKeyForm(given.verifier, given.alg) ? { ...given, key: 'best' } : given

/** What no single parameter can say: which values go together. */
export function checkCombination(given: JwtParameters, context: z.RefinementCtx): void {
  const { alg, verifier, key, issuer } = given
  const refuse = (name: keyof JwtParameters, message: string | undefined): void => {
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message })
  }
  const { node, openssl } = process.versions
  if (algorithms[alg].family === 'ML-DSA' && !hasMlDsa({ node, openssl })) {
    refuse(
      'alg',
      `it needs Node ${mlDsaNeeds.node} with OpenSSL ${mlDsaNeeds.openssl} or later; this is Node ${node} with OpenSSL ${openssl}`,
    )
  }
  const wrongVerifier = refusedAlgorithm(verifier, alg)
  refuse('verifier', wrongVerifier)
  if (wrongVerifier === undefined && key !== 'best') refuse('key', refusedKeyForm(verifier, alg, key))
  if (issuer === 'remote' && algorithms[alg].family === 'HMAC') {
    refuse('issuer', `${alg} has one secret for signing and verifying, which is not published; use RS, PS, ES or EdDSA`)
  }
  if (tokenLength(given) > maximumCredentialLength) {
    refuse(
      'claims',
      `with ${alg} the token would have over ${maximumCredentialLength} characters, the limit of a header`,
    )
  }
}
