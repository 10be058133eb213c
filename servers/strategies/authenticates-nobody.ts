import type { CredentialTraits } from '../contract/strategy.ts'

/** Of definitions whose users are taken on trust from a plain header: there is no secret, nothing to need or revoke. */
export const authenticatesNobody = {
  needs: () => [],
  traits: (): CredentialTraits => ({
    form: 'none',
    carrier: { kind: 'header', name: 'x-authcost-user' },
    revocation: { kind: 'not-applicable' },
  }),
  warnings: () => [],
  createSecrets: async () => ({}),
}
