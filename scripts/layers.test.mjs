import { describe, expect, it } from 'vitest'
import { brokenRules, importedModules } from './layers.mjs'

const rulesBrokenBy = (file, module) => brokenRules(new Map([[file, `import { x } from '${module}'\n`]]))

describe('importedModules', () => {
  it('finds static, type, re-exporting, side-effect, multi-line and dynamic imports', () => {
    const source = [
      "import { a } from './a.ts'",
      "import type { B } from './b.ts'",
      "export { c } from './c.ts'",
      "export * from './d.ts'",
      "import './e.ts'",
      "import {\n  f,\n} from './f.ts'",
      "const g = await import('./g.ts')",
      "type H = import('./h.ts').H",
    ].join('\n')
    expect(importedModules(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`))
  })

  it('passes over comments, and is not misled by two slashes within a string', () => {
    const source = "// import './x.ts'\n/* import './y.ts' */\nconst url = 'http://host'\nimport { a } from './a.ts'"
    expect(importedModules(source)).toEqual(['./a.ts'])
  })
})

describe('brokenRules', () => {
  it.each([
    ['servers/app.ts', '../bench/record/run.ts', 'servers/ imports nothing of bench/'],
    ['servers/app.test.ts', '../bench/record/run.ts', 'servers/ imports nothing of bench/'],
    ['bench/launch/start.ts', '../../servers/app.ts', 'servers/contract/ and servers/strategies/table.ts'],
    ['bench/launch/start.test.ts', '../../servers/app.ts', 'servers/contract/ and servers/strategies/table.ts'],
    ['bench/metrics/table.ts', '../estimates/estimate.ts', 'metrics is a leaf'],
    ['bench/record/run.ts', '../../servers/strategies/table.ts', 'record is a leaf'],
    ['bench/plan/plan.ts', '../measure/run-loop.ts', 'plan stands left of measure'],
    ['bench/estimates/estimate.ts', '../report/html.ts', 'estimates stands left of report'],
    ['bench/commands/run.ts', '../main.ts', 'commands stands left of main.ts'],
    ['bench/report/html.ts', '../estimates/slice.fixture.ts', 'product code imports no test and no fixture'],
    ['bench/plan/plan.ts', '../../scripts/layers.mjs', 'bench/ imports nothing of scripts/'],
  ])('forbids %s to import %s', (file, module, reason) => {
    const broken = rulesBrokenBy(file, module)
    expect(broken).toHaveLength(1)
    expect(broken[0]).toContain(reason)
  })

  it.each([
    ['servers/app.ts', './contract/identity.ts'],
    ['servers/app.ts', 'fastify'],
    ['servers/app.integration.test.ts', '../bench/record/run.ts'],
    ['bench/plan/plan.ts', '../../servers/strategies/table.ts'],
    ['bench/record/run.ts', '../../servers/contract/errors.ts'],
    ['bench/record/run.ts', './slice.ts'],
    ['bench/metrics/metric.ts', '../record/slice.ts'],
    ['bench/report/html.ts', '../plan/plan.ts'],
    ['bench/plan/plan.test.ts', '../measure/run-loop.ts'],
    ['bench/micro/step.ts', '../../servers/strategies/jwt/verify.ts'],
    ['bench/main.ts', './commands/run.ts'],
  ])('allows %s to import %s', (file, module) => {
    expect(rulesBrokenBy(file, module)).toEqual([])
  })

  it.each(['utils', 'helpers', 'common', 'types', 'constants'])('forbids a file named %s.ts', (name) => {
    expect(brokenRules(new Map([[`servers/database/${name}.ts`, '']]))[0]).toContain('says nothing')
    expect(brokenRules(new Map([[`servers/database/${name}.test.ts`, '']]))[0]).toContain('says nothing')
  })

  it('forbids a folder of bench/ that has no place in the order', () => {
    const broken = brokenRules(new Map([['bench/extras/a.ts', "import { x } from '../plan/plan.ts'"]]))
    expect(broken).toEqual([expect.stringContaining('no known stage')])
  })
})
