import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const project = join(dirname(fileURLToPath(import.meta.url)), '..')
let checkout

/** The smallest checkout that builds: one entry, one page, this project's own settings and packages. */
function makeCheckout() {
  const folder = mkdtempSync(join(tmpdir(), 'authcost-build-'))
  mkdirSync(join(folder, 'scripts'))
  for (const name of ['build.mjs', 'bundle-program.mjs'])
    cpSync(join(project, 'scripts', name), join(folder, 'scripts', name))
  for (const name of ['tsconfig.json', 'tsconfig.build.json']) cpSync(join(project, name), join(folder, name))
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'bench', 'report', 'page'), { recursive: true })
  mkdirSync(join(folder, 'servers'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'servers', 'answer.ts'), 'export const answer: number = 42\n')
  const main =
    "#!/usr/bin/env node\nimport { z } from 'zod'\nconst { answer } = await import('../servers/answer.ts')\nconsole.log(z.number().parse(answer))\n"
  writeFileSync(join(folder, 'bench', 'main.ts'), main)
  writeFileSync(join(folder, 'bench', 'report', 'page', 'main.ts'), 'document.title = "page"\n')
  writeFileSync(join(folder, 'bench', 'report', 'page', 'page.css'), 'body {\n  margin: 0;\n}\n')
  return folder
}

const built = (...path) => join(checkout, 'dist', ...path)
const build = (...options) =>
  spawnSync(process.execPath, [join(checkout, 'scripts', 'build.mjs'), ...options], { encoding: 'utf8' })

beforeEach(() => {
  checkout = makeCheckout()
})
afterEach(() => {
  rmSync(checkout, { recursive: true, force: true })
})

describe('build.mjs', { timeout: 30_000 }, () => {
  it('makes an executable entry and the bundled page', () => {
    expect(build()).toMatchObject({ status: 0, stderr: '' })
    expect(spawnSync(built('main.js'), { encoding: 'utf8' }).stdout).toBe('42\n')
    expect(readFileSync(built('bench', 'report', 'page.js'), 'utf8')).toContain('document.title="page"')
    expect(readFileSync(built('bench', 'report', 'page.css'), 'utf8')).toContain('body{margin:0}')
  })

  it('bundles the program with its packages, and passes on what their authors ask for', () => {
    build()
    const elsewhere = mkdtempSync(join(tmpdir(), 'authcost-build-'))
    cpSync(built(), elsewhere, { recursive: true })
    const { stdout } = spawnSync(process.execPath, [join(elsewhere, 'main.js')], { encoding: 'utf8' })
    rmSync(elsewhere, { recursive: true })
    expect(stdout).toBe('42\n')
    const notices = readFileSync(built('THIRD-PARTY-LICENSES.txt'), 'utf8')
    expect(notices).toMatch(/^zod \d.*MIT/m)
    expect(notices).toContain('Permission is hereby granted')
    expect(notices).not.toMatch(/^vitest /m)
  })

  it('keeps the chunks of the last build for runs that are under way', () => {
    build()
    const [chunk] = readdirSync(built('chunks'))
    writeFileSync(join(checkout, 'servers', 'answer.ts'), 'export const answer: number = 43\n')
    build()
    expect(spawnSync(built('main.js'), { encoding: 'utf8' }).stdout).toBe('43\n')
    expect(readdirSync(built('chunks'))).toContain(chunk)
    utimesSync(built('chunks', chunk), 0, 0)
    build()
    expect(readdirSync(built('chunks'))).not.toContain(chunk)
  })

  it('leaves a fresh build alone, and follows a changed and a deleted source', () => {
    build()
    const before = statSync(built('servers', 'answer.js')).ino
    build('--if-stale')
    expect(statSync(built('servers', 'answer.js')).ino).toBe(before)
    writeFileSync(join(checkout, 'bench', 'main.ts'), "console.log('changed')\n")
    rmSync(join(checkout, 'servers', 'answer.ts'))
    expect(build('--if-stale').status).toBe(0)
    expect(readFileSync(built('main.js'), 'utf8')).toContain('changed')
    expect(existsSync(built('servers', 'answer.js'))).toBe(false)
  })

  it('reports a type error, keeps the last build, and does not take it for fresh', () => {
    build()
    writeFileSync(join(checkout, 'servers', 'answer.ts'), "export const answer: number = 'text'\n")
    const failed = build('--if-stale')
    expect(failed.status).toBe(1)
    expect(failed.stderr).toContain('servers/answer.ts')
    expect(readFileSync(built('servers', 'answer.js'), 'utf8')).toContain('42')
    expect(build('--if-stale').status).toBe(1)
  })

  it('lets builds started at once all succeed, and leaves no lock and no temporary folder', async () => {
    // A lock of a process that no longer exists must not stop anyone.
    writeFileSync(join(checkout, 'build-lock.tmp'), String(2 ** 22 + 1))
    const script = join(checkout, 'scripts', 'build.mjs')
    const exits = await Promise.all(
      [1, 2, 3].map(
        () => new Promise((resolve) => spawn(process.execPath, [script, '--if-stale']).on('exit', resolve)),
      ),
    )
    expect(exits).toEqual([0, 0, 0])
    expect(readdirSync(checkout).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('says what to install where the development dependencies are missing', () => {
    rmSync(join(checkout, 'node_modules'))
    const failed = build()
    expect(failed.status).toBe(1)
    expect(failed.stderr).toContain('typescript and esbuild')
    expect(failed.stderr).toContain('npm ci')
  })

  it('does nothing in an installed package, which has no sources', () => {
    rmSync(join(checkout, 'tsconfig.build.json'))
    expect(build('--if-stale')).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(join(checkout, 'dist'))).toBe(false)
  })
})
