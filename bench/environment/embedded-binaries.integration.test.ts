import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createMissingLinks, embeddedBinaries, embeddedPackageFolder } from './embedded-binaries.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

const installed = embeddedPackageFolder()
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authcost-test-binaries-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a platform without a package has no folder', () => {
  expect(embeddedPackageFolder('sunos', 'x64')).toBeUndefined()
  expect(embeddedPackageFolder('linux', 'mips')).toBeUndefined()
})

test.skipIf(installed === undefined)('library links that install scripts did not make are made', () => {
  const copy = join(folder, 'package')
  mkdirSync(join(copy, 'native'), { recursive: true })
  cpSync(join(installed ?? '', 'native', 'pg-symlinks.json'), join(copy, 'native', 'pg-symlinks.json'))
  mkdirSync(join(copy, 'native', 'lib'))
  const links = z
    .array(z.object({ target: z.string() }))
    .parse(JSON.parse(readFileSync(join(copy, 'native', 'pg-symlinks.json'), 'utf8')))
  createMissingLinks(copy)
  expect(links.length).toBeGreaterThan(0)
  for (const { target } of links) expect(lstatSync(join(copy, target)).isSymbolicLink()).toBe(true)
  unlinkSync(join(copy, links[0]?.target ?? ''))
  createMissingLinks(copy)
  expect(lstatSync(join(copy, links[0]?.target ?? '')).isSymbolicLink()).toBe(true)
})

test.skipIf(installed === undefined)(
  'programs that cannot be run anywhere are an error that says what else can be done',
  () => {
    const broken = join(folder, 'broken')
    mkdirSync(join(broken, 'native'), { recursive: true })
    writeFileSync(join(broken, 'package.json'), '{"version":"0.0.0"}')
    expect(() => embeddedBinaries(unprivilegedUser(), broken, [join(folder, 'cache')])).toThrow(
      /cannot be run .*--postgres/s,
    )
  },
)

test.skipIf(installed === undefined || process.getuid?.() !== 0)(
  'as root below a folder of mode 0700, a copy that the other user can reach is used',
  () => {
    const hidden = join(folder, 'hidden')
    cpSync(installed ?? '', join(hidden, 'package'), { recursive: true, verbatimSymlinks: true })
    // mkdtemp made the folder above 0700 already: nobody but root can enter.
    const cache = mkdtempSync(join(tmpdir(), 'authcost-test-cache-'))
    rmSync(cache, { recursive: true })
    const found = embeddedBinaries(unprivilegedUser(), join(hidden, 'package'), [cache])
    expect(found.postgres.startsWith(cache)).toBe(true)
    expect(existsSync(found.initdb)).toBe(true)
    expect(embeddedBinaries(unprivilegedUser(), join(hidden, 'package'), [cache])).toEqual(found)
    rmSync(cache, { recursive: true })
  },
)
