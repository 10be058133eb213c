import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { removeContainer, removeQuietly, startUntilAborted } from './container-engine.ts'

afterEach(() => vi.useRealTimers())

function ofRun() {
  const noted: string[] = []
  const removed: string[] = []
  const notices: string[] = []
  const abort = new AbortController()
  return {
    noted,
    removed,
    notices,
    abort,
    signal: abort.signal,
    lock: { addContainer: (id: string) => noted.push(id), removeContainer: (id: string) => removed.push(id) },
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

const never = () => new Promise<never>(() => {})

test('a removal that hangs is given up after 15 s, and told: the engine may answer nothing else', async () => {
  vi.useFakeTimers()
  const run = ofRun()
  const removed = removeQuietly(run, 'c1', (id) => removeContainer(id, never))
  await vi.advanceTimersByTimeAsync(14_000)
  expect(run.notices).toEqual([])
  await vi.advanceTimersByTimeAsync(1000)
  await removed
  expect(run).toMatchObject({ removed: [], notices: [expect.stringContaining('could not be removed')] })
})

/** A container whose start never ends, and of which the engine tells nothing until `appear` is called. */
function startedByAHangingEngine(run: ReturnType<typeof ofRun>) {
  const asked: string[] = []
  let appear: (id: string) => void = () => {}
  const started = startUntilAborted(
    run,
    (created) => {
      appear = created
      return never()
    },
    async (id) => void asked.push(id),
  )
  return { asked, started, appear: (id: string) => appear(id) }
}

describe('a container that is being started', () => {
  it('is removed when its start fails, with the reason of the failure', async () => {
    const run = ofRun()
    const asked: string[] = []
    const started = startUntilAborted(
      run,
      (created) => {
        created('c1')
        return Promise.reject(new Error('no port'))
      },
      async (id) => void asked.push(id),
    )
    await expect(started).rejects.toThrow('no port')
    expect([asked, run.noted, run.removed]).toEqual([['c1'], ['c1'], ['c1']])
  })

  it('holds up no end of the run where the engine does not answer, and is removed as soon as it appears', async () => {
    vi.useFakeTimers()
    const run = ofRun()
    const { asked, started, appear } = startedByAHangingEngine(run)
    started.catch(() => undefined)
    run.abort.abort(new Error('Ctrl-C'))
    await vi.advanceTimersByTimeAsync(5000)
    await expect(started).rejects.toThrow('Ctrl-C')
    appear('late')
    await vi.advanceTimersByTimeAsync(0)
    expect([asked, run.noted, run.removed]).toEqual([['late'], ['late'], ['late']])
  })

  it('is removed before the run ends where its id is but a moment away', async () => {
    const run = ofRun()
    const { asked, started, appear } = startedByAHangingEngine(run)
    run.abort.abort(new Error('Ctrl-C'))
    setImmediate(() => appear('c1'))
    await expect(started).rejects.toThrow('Ctrl-C')
    expect(asked).toEqual(['c1'])
  })
})
