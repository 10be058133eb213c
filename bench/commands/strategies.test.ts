import { expect, it } from 'vitest'
import { strategies } from '../../servers/strategies/table.ts'
import { strategiesAsData, strategiesCommand } from './strategies.ts'

/** What the command prints. */
function printed(...argv: string[]): string {
  let text = ''
  strategiesCommand({
    print: (more) => {
      text += more
    },
    progress: { isTTY: false, columns: 80, write: () => true },
    width: 80,
    colour: false,
    signal: new AbortController().signal,
    argv,
  }).parse(argv, { from: 'user' })
  return text
}

it('prints every strategy with every parameter, its default and what it may be', () => {
  const text = printed()
  for (const { name, parameterHelp } of strategies) {
    expect(text).toContain(`${name}\n`)
    for (const { name: parameter, default: value, allowed } of parameterHelp) {
      expect(text).toContain(`    ${parameter}=${value}  (${allowed})`)
    }
  }
  expect(text).toContain('transport=cookie  (cookie, bearer)')
  expect(text).toContain('modulus=2048  (number from 2048 up to 8192)')
})

it('says the same as JSON', () => {
  const data: unknown = JSON.parse(printed('--json'))
  expect(data).toEqual(JSON.parse(JSON.stringify(strategiesAsData())))
  expect(data).toMatchObject({ sets: [{ name: 'frontier' }, { name: 'libraries' }] })
})

it('describes every parameter: none is left to guessing', () => {
  const silent = strategiesAsData().strategies.flatMap(({ name, parameters }) =>
    parameters.filter(({ description }) => description === '').map((parameter) => `${name}: ${parameter.name}`),
  )
  expect(silent).toEqual([])
})
