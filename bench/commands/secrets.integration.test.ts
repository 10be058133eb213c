import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { homedir, hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { packageRoot } from '../environment/compiled-path.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

const users = 50
/** Every kind of credential, and every process that is told secrets: servers, an issuer, an auth service. */
const variants = [
  'session',
  'jwt:alg=HS256',
  'jwt:alg=ES256,issuer=remote',
  'sealed',
  'introspection',
  'secure-session',
]
const secretsFolder = mkdtempSync(join(tmpdir(), 'authcost-secrets-test-'))
afterAll(() => rmSync(secretsFolder, { recursive: true, force: true }))

/** Every spelling in which a secret of these bytes could leak, and the session ids that would derive from it. */
function spellings(hex: string): string[] {
  const bytes = Buffer.from(hex, 'hex')
  const sessionIds = Array.from({ length: 2 * users }, (_, index) =>
    createHash('sha256')
      .update(`${hex}:${index + 1}`)
      .digest('base64url'),
  )
  return [hex, bytes.toString('base64').replaceAll('=', ''), bytes.toString('base64url'), ...sessionIds]
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

test('no key, password, session id, token, host name or home path is in any output of a run', async () => {
  const secretsFile = join(secretsFolder, 'secrets')
  await using harness = new HarnessProcess(
    [
      ...['run', ...variants, '--profile', 'quick', '--restarts', '1', '--rounds', '1', '--bad-share', '20%'],
      ...['--sessions', String(2 * users), '--users', String(users), '--postgres', 'embedded'],
    ],
    {
      NODE_OPTIONS: `--import ${join(packageRoot(import.meta.dirname), 'bench', 'commands', 'record-secrets.fixture.mjs')}`,
      AUTHCOST_TEST_SECRETS: secretsFile,
      DEBUG: '1',
    },
  )
  expect(await harness.ended, harness.stderr).toBe(0)
  const noted = readFileSync(secretsFile, 'utf8').trim().split('\n')
  const secrets = noted.flatMap((line) => {
    const [kind = '', value = ''] = line.split(' ')
    if (kind === 'text') return [value]
    return value.length < 32 ? [] : spellings(value)
  })
  // The sessions' secret, the HMAC key, the password of Postgres, what server and issuer share, the sealing keys, what the
  // auth service knows its client by; the private key of ES256.
  expect(noted.filter((line) => line.startsWith('bytes ') && line.length >= 6 + 48).length).toBeGreaterThanOrEqual(7)
  expect(noted.some((line) => line.startsWith('text '))).toBe(true)

  const outputs = filesBelow(join(harness.folder, 'reports')).map((path) => ({
    path,
    text: readFileSync(path, 'utf8'),
  }))
  expect(outputs.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(
    expect.arrayContaining(['index.html', 'results.csv', 'results.json', 'slices.ndjson', 'summary.md']),
  )
  outputs.push({ path: 'stdout', text: harness.stdout }, { path: 'stderr', text: harness.stderr })
  for (const { path, text } of outputs) {
    for (const secret of secrets) expect(text.includes(secret), `a secret in ${path}`).toBe(false)
    // Every JWT and JWE begins with the base64url of `{"`; nothing else here is allowed to look like one.
    expect(text, `a token in ${path}`).not.toMatch(/eyJ[\w-]{10,}\.[\w-]*\./)
    // Credentials that a server made, which the harness only carries: they would stand behind their names.
    expect(text, `a credential in ${path}`).not.toMatch(/(?:authcost-\w+|\bsession|sessionId)=[\w%;+/-]{20,}/)
    expect(text, `a credential in ${path}`).not.toMatch(/\b(?:Bearer|Basic) [\w=.-]{20,}/)
    expect(text, `a database address in ${path}`).not.toMatch(/postgres(ql)?:\/\/[^<\s]*@/)
    // A host called `localhost` or a single letter could be in any text.
    if (hostname().length > 4 && hostname() !== 'localhost')
      expect(text.includes(hostname()), `the host name in ${path}`).toBe(false)
    if (homedir() !== '/') expect(text.includes(`${homedir()}/`), `the home path in ${path}`).toBe(false)
  }
}, 180_000)
