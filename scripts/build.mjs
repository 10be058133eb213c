#!/usr/bin/env node
// Builds dist/: the same JavaScript that measured processes run and that the tarball ships; of it the bundle dist/main.js.
// `--if-stale` returns at once when the sources are those of the last build. No loader, no TypeScript here: this runs
// before anything is compiled, on every `npm run bench`.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const stampFile = join(dist, '.stamp')
const lockFile = join(root, 'build-lock.tmp')
const entry = join(dist, 'main.js')
const pageSource = join(root, 'bench', 'report', 'page')

class BuildError extends Error {}

/** Every file below a folder, absolute, sorted; a folder that is not there has none. */
function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .sort()
}

/** Name, size and time of every input: cheap enough for each start, and exact enough for one machine. */
function stampOfInputs() {
  const sources = ['bench', 'servers']
    .flatMap((folder) => filesBelow(join(root, folder)))
    .filter((file) => !/\.(test|fixture)\.ts$/.test(file))
  const others = [
    ...['tsconfig.json', 'tsconfig.build.json', 'package.json', 'scripts/build.mjs', 'scripts/bundle-program.mjs'],
    // Bundled packages change with every installation.
    ...['package-lock.json', 'node_modules/.package-lock.json'],
  ]
  const hash = createHash('sha256')
  for (const file of [...sources, ...others.map((name) => join(root, name)).filter(existsSync)]) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${relative(root, file)}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function isFresh(stamp) {
  return existsSync(entry) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** One build at a time per checkout. A lock whose process is gone is taken over. */
async function withLock(work) {
  const giveUpAt = Date.now() + 180_000
  for (;;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const owner = readLockOwner()
      if (owner !== undefined && !isAlive(owner)) rmSync(lockFile, { force: true })
      else if (Date.now() > giveUpAt) {
        throw new BuildError(
          `Process ${owner ?? '?'} has been building for three minutes. End it, or delete ${lockFile}.`,
        )
      } else await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  try {
    return await work()
  } finally {
    rmSync(lockFile, { force: true })
  }
}

/** The pid in the lock; undefined while its owner has created but not yet written it, or has just removed it. */
function readLockOwner() {
  try {
    const pid = Number.parseInt(readFileSync(lockFile, 'utf8'), 10)
    return Number.isInteger(pid) ? pid : undefined
  } catch {
    return undefined
  }
}

function compile(outDir) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir, '--noEmitOnError'],
    { cwd: root, encoding: 'utf8' },
  )
  if (status !== 0) throw new BuildError(`TypeScript found errors:\n${stdout}${stderr}`.trimEnd())
}

async function bundleProgram(compiled) {
  if (!existsSync(join(compiled, 'bench', 'main.js')))
    throw new BuildError('bench/main.ts is missing: there would be nothing to run.')
  const { bundleProgram } = await import('./bundle-program.mjs')
  try {
    await bundleProgram(root, compiled)
  } catch (error) {
    throw new BuildError(`The program could not be bundled:\n${error.message}`)
  }
}

async function bundlePage(outDir) {
  const { build } = await import('esbuild')
  const shared = { bundle: true, minify: true, legalComments: 'inline', logLevel: 'silent' }
  try {
    await build({
      ...shared,
      entryPoints: [join(pageSource, 'main.ts')],
      outfile: join(outDir, 'page.js'),
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
    })
    await build({ ...shared, entryPoints: [join(pageSource, 'page.css')], outfile: join(outDir, 'page.css') })
  } catch (error) {
    throw new BuildError(`The report's page could not be bundled:\n${error.message}`)
  }
}

/** Longer than any run: until then one that is under way may load a chunk of the build it was started from. */
const chunksAreKeptMs = 24 * 60 * 60 * 1000

/**
 * Moves a finished build over the last one file by file: each rename is atomic, so a run that is loading modules from
 * dist/ never meets a missing or half-written file.
 */
function install(from) {
  const fresh = new Set(filesBelow(from).map((file) => relative(from, file)))
  rmSync(stampFile, { force: true })
  for (const file of fresh) {
    mkdirSync(dirname(join(dist, file)), { recursive: true })
    renameSync(join(from, file), join(dist, file))
  }
  const chunks = join(dist, 'chunks')
  for (const file of filesBelow(dist)) {
    if (fresh.has(relative(dist, file))) continue
    if (dirname(file) === chunks && Date.now() - statSync(file).mtimeMs < chunksAreKeptMs) continue
    rmSync(file)
  }
}

async function build(stamp) {
  const missing = ['typescript', 'esbuild'].filter((name) => !existsSync(join(root, 'node_modules', name)))
  if (missing.length > 0) {
    throw new BuildError(
      `Building needs ${missing.join(' and ')}, which ${missing.length === 1 ? 'is' : 'are'} not installed. Run \`npm ci\` (without --omit=dev) first.`,
    )
  }
  const temporary = join(root, `dist-${process.pid}.tmp`)
  rmSync(temporary, { recursive: true, force: true })
  try {
    compile(temporary)
    await bundleProgram(temporary)
    await bundlePage(join(temporary, 'bench', 'report'))
    chmodSync(join(temporary, 'main.js'), 0o755)
    install(temporary)
    writeFileSync(stampFile, stamp)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

async function main() {
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--if-stale')
  if (unknown.length > 0) throw new BuildError(`Unknown option ${unknown[0]}. Known: --if-stale.`)
  const onlyIfStale = process.argv.includes('--if-stale')
  // An installed package holds dist/ and no sources: there is nothing to build from, and nothing to be stale.
  if (!existsSync(join(root, 'tsconfig.build.json'))) return
  if (onlyIfStale && isFresh(stampOfInputs())) return
  await withLock(async () => {
    const stamp = stampOfInputs()
    // Whoever held the lock may have built just this.
    if (onlyIfStale && isFresh(stamp)) return
    await build(stamp)
  })
}

try {
  await main()
} catch (error) {
  if (!(error instanceof BuildError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
