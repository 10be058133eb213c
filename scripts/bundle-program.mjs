// dist/main.js: the program that people start, in one file with the packages it loads at once. Loading hundreds of modules
// one by one is two thirds of what `--help` takes. What it starts (servers, drivers, databases) runs the compiled modules as
// they are, with packages from node_modules: a bundle is compiled differently by V8, and costs per request would change.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Packages that go into the bundle with what they depend on. All others are loaded from node_modules when needed. */
const bundledPackages = ['commander', 'hdr-histogram-js', 'jose', 'pg', 'undici', 'zod']

/** Bundled modules of CommonJS ask for Node's own modules by `require`. */
const banner =
  "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);"

/**
 * @param root the checkout.
 * @param compiled what the compiler made of the sources; the bundle goes there too.
 */
export async function bundleProgram(root, compiled) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const packages = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }
  const { metafile } = await build({
    entryPoints: [join(compiled, 'bench', 'main.js')],
    outdir: compiled,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: { js: banner },
    external: [...Object.keys(packages), 'pg-native'].filter((name) => !bundledPackages.includes(name)),
    absWorkingDir: root,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  })
  writeFileSync(join(compiled, 'THIRD-PARTY-LICENSES.txt'), licencesOf(root, Object.keys(metafile.inputs)))
}

/** What the authors of bundled packages ask to be passed on with them. */
function licencesOf(root, inputs) {
  const folders = new Set()
  for (const input of inputs) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
    if (folder !== undefined) folders.add(join(root, folder))
  }
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file))
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
    return [`${name} ${version} (${license ?? 'see its text'})`, ...texts].join('\n\n')
  })
  return `${notices.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}
