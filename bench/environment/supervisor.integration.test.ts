import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RunLock } from './lock-file.ts'
import { LogRing } from './log-ring.ts'
import { ExitListeners } from './postgres-handle.ts'
import { identifyProcess } from './process-identity.ts'
import { startSupervisor } from './supervisor.ts'
import type { ToSupervisor } from './supervisor-protocol.ts'

let state: string
let lock: RunLock
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'authcost-test-supervisor-'))
  lock = new RunLock('supervisor', state)
})
afterEach(() => {
  expect(lock.empty).toBe(true)
  lock.close()
  rmSync(state, { recursive: true, force: true })
})

/** What a supervisor of some program is started with; the folder is its to remove. */
const program = (command: string, ...args: string[]): ToSupervisor => ({
  type: 'start',
  command,
  args,
  folder: mkdtempSync(join(state, 'authcost-postgres-')),
})
const sleeping = (): ToSupervisor => program(process.execPath, '-e', 'setInterval(() => {}, 1000)')

function supervise(noted = lock) {
  const abort = new AbortController()
  const exits = new ExitListeners()
  exits.expect(true)
  return { abort, supervisor: startSupervisor({ lock: noted, signal: abort.signal }, new LogRing(), exits) }
}

test('a program that cannot be started is an error at once, not a wait without end', async () => {
  const { supervisor } = supervise()
  await expect(supervisor.start(program('/no/such/taskset'))).rejects.toMatchObject({
    code: 'postgres.embedded-start',
    message: expect.stringMatching(/could not be started .*ENOENT/),
  })
  await supervisor.stop()
})

test('Ctrl-C while a start is waited for ends the wait', async () => {
  const { supervisor, abort } = supervise()
  const started = supervisor.start(sleeping())
  abort.abort(new Error('interrupted'))
  await expect(started).rejects.toThrow('interrupted')
  await expect(supervisor.restart()).rejects.toThrow('interrupted')
  await supervisor.stop()
})

test('a restart outlives the end of the server before it, and hears of its own failure', async () => {
  const { supervisor } = supervise()
  await supervisor.start(sleeping())
  const before = supervisor.serverPid() ?? 0
  await supervisor.restart()
  const after = supervisor.serverPid() ?? 0
  expect(after).not.toBe(before)
  expect([identifyProcess(before), identifyProcess(after)]).toEqual([undefined, expect.anything()])
  await supervisor.stop()
  await expect(supervisor.restart()).rejects.toMatchObject({ code: 'postgres.embedded-start' })
  expect(identifyProcess(after)).toBeUndefined()
})

/** A disk that is full by the time the server has started. */
class FullDisk extends RunLock {
  #noted = 0

  override addProcess(pid: number): void {
    if (this.#noted++ > 0) throw new Error('ENOSPC: no space left on device')
    super.addProcess(pid)
  }
}

test('a server that cannot be noted is a start that failed, and is stopped', async () => {
  const full = new FullDisk('full', state)
  const { supervisor } = supervise(full)
  await expect(supervisor.start(sleeping())).rejects.toMatchObject({
    code: 'postgres.embedded-start',
    message: expect.stringMatching(/cannot be noted.*ENOSPC/),
  })
  const pid = supervisor.serverPid() ?? 0
  expect(pid).toBeGreaterThan(0)
  await supervisor.stop()
  expect(identifyProcess(pid)).toBeUndefined()
  full.close()
})
