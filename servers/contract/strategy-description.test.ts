import { expect, it } from 'vitest'
import { parseVariantDescription } from './strategy-description.ts'

const described = (traits: object) =>
  parseVariantDescription({
    id: 'mine',
    strategy: 'mine',
    parameters: {},
    label: 'mine',
    needs: [],
    traits: {
      form: 'opaque',
      carrier: { kind: 'cookie', name: 'id' },
      revocation: { kind: 'next-request' },
      ...traits,
    },
    warnings: [],
    file: '/mine.mjs',
  })

const periodic = { everyMs: 300_000, what: 'the cookie is made anew' }

it.each([
  { periodic },
  { periodic: { ...periodic, begins: 'with-a-new-credential' } },
  { periodic: { ...periodic, begins: { withoutCookie: 'data' }, canBeShortened: true } },
  { idleTimeoutS: 1800 },
])('takes %j', (traits) => {
  expect(described(traits)).toMatchObject({ traits })
})

it.each([
  [{ periodic: { ...periodic, everyMs: 0 } }, 'traits.periodic.everyMs: '],
  [
    { periodic: { ...periodic, begins: 'with-a-new-cookie' } },
    "traits.periodic.begins: must be 'with-a-new-credential'",
  ],
  [{ periodic: { ...periodic, begins: { withoutCookie: '' } } }, 'traits.periodic.begins.withoutCookie: '],
  [{ idleTimeoutS: '1800' }, 'traits.idleTimeoutS: '],
])('says what is wrong with %j', (traits, wrong) => {
  expect(described(traits)).toEqual({ wrong: expect.stringContaining(wrong) })
})
