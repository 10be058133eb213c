// A strategy of your own, to copy: API keys that the server signed itself and checks without asking anybody.
//
//   npm run bench -- run session ./docs/examples/my-strategy.js
//   npm run bench -- run ./docs/examples/my-strategy.js:hash=sha512,lifetimeS=600
//
// A key is `<user id>.<name>.<role>.<end>.<signature>`, each part in base64url, sent in `x-api-key`. It is good until it
// ends: nothing is stored, so nothing can be revoked. The gate tries to forge such keys before anything is timed.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const headerName = 'x-api-key'

/** @param {readonly string[]} parts */
const encode = (parts) => parts.map((part) => Buffer.from(part).toString('base64url')).join('.')

/** @param {string} text */
const decode = (text) => Buffer.from(text, 'base64url').toString()

/**
 * The default export is a function, so that this file needs no authcost beside it. Where authcost is installed,
 * `import { defineStrategy, z } from 'authcost/strategy'` does as well, and the strategy itself may be exported.
 *
 * @type {import('authcost/strategy').StrategyFile}
 */
export default ({ defineStrategy, z }) =>
  defineStrategy({
    // Stands in the report; none of authcost's own names.
    name: 'api-key',
    summary: 'A key signed with HMAC in a header of its own, no database.',
    // What may stand behind the colon on the command line. Every parameter has a default and a description.
    parameters: z.object({
      hash: z.enum(['sha256', 'sha512']).default('sha256').describe('hash of the signature: sha256 or sha512'),
      lifetimeS: z.coerce.number().int().positive().default(3600).describe('lifetime of a key, seconds'),
    }),
    label: ({ hash }) => `API key, HMAC ${hash}`,
    // What has to run beside the server: 'postgres' where requests or logins use `context.database`.
    needs: () => [],
    // How the credential travels and what is promised of it: by this the gate chooses its attacks.
    traits: ({ lifetimeS }) => ({
      form: 'sealed',
      carrier: { kind: 'header', name: headerName },
      revocation: { kind: 'at-expiry', lifetimeS },
    }),
    warnings: () => [],
    // Made once for a run and sent to each of its servers; never written down.
    createSecrets: async () => ({ secret: randomBytes(32).toString('hex') }),
    load:
      async () =>
      async (parameters, { secrets, now }) => {
        const secret = Buffer.from(secrets.secret ?? '', 'hex')
        if (secret.length === 0) throw new Error('No secret was given.')
        /** @param {string} signed */
        const sign = (signed) => createHmac(parameters.hash, secret).update(signed).digest('base64url')

        /**
         * @param {import('authcost/strategy').Identity} user
         * @param {import('authcost/strategy').IssueOptions} options
         */
        const headersFor = (user, { nowMs, lifetimeS }) => {
          const endS = Math.floor(nowMs / 1000 + lifetimeS)
          const signed = encode([String(user.userId), user.username, user.role, String(endS)])
          return { [headerName]: `${signed}.${sign(signed)}` }
        }

        return {
          // Runs on every measured request. Answers who it is, or why that cannot be said; a promise is only needed where
          // something has to be waited for.
          authenticate(request) {
            const key = request.headers[headerName]
            if (key === undefined) return { refused: 'missing' }
            if (typeof key !== 'string' || key.length > 1024) return { refused: 'malformed' }
            const at = key.lastIndexOf('.')
            const given = Buffer.from(key.slice(at + 1))
            const expected = Buffer.from(sign(key.slice(0, Math.max(0, at))))
            // Compared as text and in constant time: decoding first would accept several spellings of one signature.
            if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { refused: 'invalid' }
            const [userId = '', username = '', role = '', endS = ''] = key.split('.').map(decode)
            if (Number(endS) * 1000 <= now()) return { refused: 'expired' }
            return { userId: Number(userId), username, role }
          },
          // After a login, and whenever the harness needs a credential of a state of its own.
          issue: async (user, options) => ({ cookies: [], requestHeaders: headersFor(user, options) }),
          // For the thousands of users whose requests are measured.
          seededCredentials: async (users, options) => users.map((user) => headersFor(user, options)),
          revoke: async () => {},
          cookies: [],
          lifetimeS: parameters.lifetimeS,
          close: async () => {},
        }
      },
  })
