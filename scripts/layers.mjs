// Who may import whom (docs/architecture.md), as pure functions over paths and source text.
import { posix } from 'node:path'

/** Leaves of the harness: any stage may use them; they use one another and the contract only. */
const leaves = ['record', 'statistics', 'metrics']

/** Stages of the harness, left to right: a stage imports only what stands to its left. */
const stages = [
  'plan',
  'environment',
  'launch',
  'load',
  'gate',
  'measure',
  'results',
  'estimates',
  'report',
  'micro',
  'pipeline',
  'commands',
  'main.ts',
]

const emptyNames = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types', 'constants']

const isIntegrationTest = (file) => file.endsWith('.integration.test.ts')
const isTest = (file) => /\.(test|fixture)\.(ts|mjs)$/.test(file)

/** Module specifiers a source imports or re-exports, types and dynamic imports included; comments do not count. */
export function importedModules(source) {
  // Strings are matched so that a `//` within one is not taken for a comment.
  const withoutComments = source.replace(
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (token) => (token.startsWith('/') ? '' : token),
  )
  const pattern = /(?:^|[;}\s])(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g
  return [...withoutComments.matchAll(pattern)].map((match) => match[1] ?? match[2])
}

/**
 * Why `file` may not import `target` (both relative to the root, with forward slashes), or undefined where it may.
 */
export function forbiddenImport(file, target) {
  if (isTest(target) && !isTest(file)) return 'product code imports no test and no fixture'
  if (isIntegrationTest(file)) return undefined
  const [from] = file.split('/')
  const [to] = target.split('/')
  if (from === 'servers') return to === 'servers' ? undefined : `servers/ imports nothing of ${to}/`
  if (from !== 'bench') return undefined
  if (to === 'servers') return forbiddenServerImport(file, target)
  if (to !== 'bench') return `bench/ imports nothing of ${to}/`
  return isTest(file) ? undefined : forbiddenStage(file, target)
}

function forbiddenServerImport(file, target) {
  if (target.startsWith('servers/contract/')) return undefined
  const stage = stageOf(file)
  if (leaves.includes(stage) && !isTest(file))
    return `${stage} is a leaf: of servers/ it imports servers/contract/ only`
  if (target === 'servers/strategies/table.ts' || stage === 'micro') return undefined
  return 'bench/ imports of servers/ only servers/contract/ and servers/strategies/table.ts (bench/micro/ any)'
}

function forbiddenStage(file, target) {
  const from = stageOf(file)
  const to = stageOf(target)
  if (from === to || leaves.includes(to)) return undefined
  // A folder without a place in the order is reported once, by its own name.
  if (![from, to].every((stage) => leaves.includes(stage) || stages.includes(stage))) return undefined
  if (leaves.includes(from)) return `${from} is a leaf: it imports leaves and servers/contract/ only`
  if (stages.indexOf(to) > stages.indexOf(from)) return `${from} stands left of ${to}: data flows from left to right`
  return undefined
}

const stageOf = (file) => file.split('/')[1]

/** What is wrong with a file's own place or name, or undefined. */
export function misplaced(file) {
  const base = posix
    .basename(file)
    .replace(/\.(test|fixture|integration)\b/g, '')
    .replace(/\.[^.]+$/, '')
  if (emptyNames.includes(base)) return `"${base}" says nothing: name the file for the one concept it holds`
  if (file.startsWith('bench/') && ![...leaves, ...stages].includes(stageOf(file))) {
    return `bench/${stageOf(file)} is no known stage: add it to the order in scripts/layers.mjs and docs/architecture.md`
  }
  return undefined
}

/**
 * Every broken rule in a set of sources.
 *
 * @param sources Map of path relative to the root (forward slashes) to text.
 * @returns sentences, `path: what is wrong`, in the order of the map.
 */
export function brokenRules(sources) {
  const broken = []
  for (const [file, text] of sources) {
    const wrong = misplaced(file)
    if (wrong !== undefined) broken.push(`${file}: ${wrong}`)
    for (const module of importedModules(text)) {
      if (!module.startsWith('.')) continue
      const target = posix.join(posix.dirname(file), module)
      const why = forbiddenImport(file, target)
      if (why !== undefined) broken.push(`${file}: imports ${target}, but ${why}`)
    }
  }
  return broken
}
