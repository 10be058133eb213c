import { expect, test } from 'vitest'
import { removeQuietly } from './container-engine.ts'

function ofRun() {
  const removed: string[] = []
  const notices: string[] = []
  return {
    removed,
    notices,
    lock: { removeContainer: (id: string) => removed.push(id) },
    log: (line: string) => notices.push(line),
  }
}

test('a container that is gone is taken out of the lock file', async () => {
  const run = ofRun()
  await removeQuietly(run, 'c1', async () => {})
  await removeQuietly(run, undefined, () => Promise.reject(new Error('must not be asked')))
  expect(run).toMatchObject({ removed: ['c1'], notices: [] })
})

test('a container that cannot be removed is a notice and stays in the lock file: the run was good', async () => {
  const run = ofRun()
  await removeQuietly(run, '0123456789abcdef', () => Promise.reject(new Error('no Docker engine answers')))
  expect(run.removed).toEqual([])
  expect(run.notices).toEqual([expect.stringMatching(/container 0123456789ab could not be removed.*next run/)])
})
