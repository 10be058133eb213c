import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cleanUpAfterDeadRuns, forgetSchema, leftSchemas } from './clean-up.ts'
import { type LockFile, RunLock, readLockFile, writeLockFile } from './lock-file.ts'
import { bootId, identifyProcess, isStillRunning, machineFingerprint, pidNamespace } from './process-identity.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authcost-test-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The lock file of a run whose harness is gone: its pid now belongs to this process, which started at another time. */
const dead = (part: Partial<LockFile>): string => {
  const path = join(folder, 'dead.json')
  const harness = { pid: process.pid, startTime: 'another time' }
  const empty = { processes: [], containers: [], folders: [], schemas: [] }
  writeLockFile(path, {
    version: 1,
    runId: 'dead',
    boot: bootId(),
    pidNamespace: pidNamespace(),
    harness,
    ...empty,
    ...part,
  })
  return path
}

const sleeper = () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  const identity = identifyProcess(child.pid ?? 0)
  if (identity === undefined) throw new Error('did not start')
  return { child, identity, ended: new Promise((resolve) => child.once('exit', resolve)) }
}

test('the lock of a run is readable by its owner only and goes away when everything was taken out', () => {
  const lock = new RunLock('run/1', folder)
  const [name = ''] = readdirSync(folder)
  expect(name).toBe('run_1.json')
  expect(statSync(join(folder, name)).mode & 0o077).toBe(0)
  lock.addContainer('abc')
  lock.close()
  expect(readFileSync(join(folder, name), 'utf8')).toContain('abc')
  lock.removeContainer('abc')
  expect(readdirSync(folder)).toEqual([])
})

test('what a run that still lives has started is left alone', async () => {
  const { child, identity, ended } = sleeper()
  const lock = new RunLock('alive', folder)
  lock.addProcess(identity.pid)
  expect(await cleanUpAfterDeadRuns({ folder })).toEqual([])
  expect(isStillRunning(identity)).toBe(true)
  child.kill()
  await ended
})

test('processes and folders of a dead run are ended and removed', async () => {
  const { identity, ended } = sleeper()
  const left = join(folder, 'authcost-postgres-x')
  mkdirSync(left)
  const path = dead({ processes: [identity], folders: [left] })
  const notices = await cleanUpAfterDeadRuns({ folder })
  await ended
  expect(existsSync(left)).toBe(false)
  expect(existsSync(path)).toBe(false)
  expect(notices).toHaveLength(2)
})

test('a process that was given the same pid later is not touched', async () => {
  const { child, identity, ended } = sleeper()
  dead({ processes: [{ pid: identity.pid, startTime: '1' }] })
  await cleanUpAfterDeadRuns({ folder })
  expect(isStillRunning(identity)).toBe(true)
  child.kill()
  await ended
})

test('folders that do not look like ours are never removed', async () => {
  const precious = join(folder, 'precious')
  mkdirSync(precious)
  dead({ folders: [precious] })
  await cleanUpAfterDeadRuns({ folder })
  expect(existsSync(precious)).toBe(true)
})

test('a container that cannot be removed now stays noted and is removed later', async () => {
  const path = dead({ containers: ['c1'] })
  const refused = await cleanUpAfterDeadRuns({ folder, removeContainer: () => Promise.reject(new Error('no Docker')) })
  expect(refused.join()).toContain('could not be removed')
  expect(existsSync(path)).toBe(true)
  const removed: string[] = []
  await cleanUpAfterDeadRuns({ folder, removeContainer: async (id) => void removed.push(id) })
  expect(removed).toEqual(['c1'])
  expect(existsSync(path)).toBe(false)
})

test('a schema in an external database stays noted until it is dropped there', async () => {
  const path = dead({ schemas: [{ server: 'fingerprint', schema: 'authcost_1' }] })
  await cleanUpAfterDeadRuns({ folder })
  expect(leftSchemas('fingerprint', folder)).toEqual([{ server: 'fingerprint', schema: 'authcost_1' }])
  expect(leftSchemas('another', folder)).toEqual([])
  forgetSchema('authcost_1', folder)
  expect(existsSync(path)).toBe(false)
})

test('a run of another pid namespace of the same boot is not judged', async () => {
  const path = dead({ pidNamespace: 'pid:[1]', containers: ['c1'] })
  await cleanUpAfterDeadRuns({ folder, removeContainer: () => Promise.reject(new Error('must not be asked')) })
  expect(existsSync(path)).toBe(true)
})

test('a run of another machine that shares the home is not judged, whatever its boot', async () => {
  const schema = { server: 'fingerprint', schema: 'authcost_1' }
  const part = { machine: 'another', boot: 'another', containers: ['c1'], schemas: [schema] }
  const path = dead(part)
  expect(
    await cleanUpAfterDeadRuns({ folder, removeContainer: () => Promise.reject(new Error('must not be asked')) }),
  ).toEqual([])
  expect(leftSchemas('fingerprint', folder)).toEqual([])
  forgetSchema('authcost_1', folder)
  expect(readLockFile(path)).toMatchObject(part)
})

test('a run of an earlier boot of this machine is dead, also where its lock does not say which machine it was', () => {
  const schema = { server: 'fingerprint', schema: 'authcost_1' }
  for (const machine of [{}, { machine: machineFingerprint() }]) {
    dead({ ...machine, boot: 'another', schemas: [schema] })
    expect(leftSchemas('fingerprint', folder)).toEqual([schema])
  }
})

test('the lock of a run says on which machine it runs', () => {
  const lock = new RunLock('run', folder)
  expect(readLockFile(join(folder, 'run.json'))?.machine).toBe(machineFingerprint())
  lock.close()
})

test('a machine is known by its id, or by its name where it has none', () => {
  const machine = (id: string | undefined) => machineFingerprint({ read: () => id, list: () => [] })
  expect(machine('a')).toMatch(/^[0-9a-f]{64}$/)
  expect(machine('a')).not.toBe(machine('b'))
  expect(machine(undefined)).toBe(machine(hostname()))
  // An image of a container may hold the file, with nothing in it.
  expect(machine('')).toBe(machine(undefined))
})

test.each([
  ['broken', '{"version":'],
  ['of a later version', '{"version":2,"runId":"x"}'],
])('a lock file that is %s is kept and told: its run may live', async (_what, text) => {
  writeFileSync(join(folder, 'other.json'), text)
  const notices = await cleanUpAfterDeadRuns({ folder })
  expect(readdirSync(folder)).toEqual(['other.json'])
  expect(notices).toEqual([expect.stringMatching(/^other\.json.*cannot be read.*stays/)])
})

test('a lock file that cannot be read is kept and told', async () => {
  mkdirSync(join(folder, 'odd.json'))
  expect(await cleanUpAfterDeadRuns({ folder })).toEqual([expect.stringMatching(/^odd\.json.*EISDIR/)])
  expect(readdirSync(folder)).toEqual(['odd.json'])
})

test.each(['', '\0\0\0\0'])('what a loss of power leaves of a lock file is removed: %j', async (text) => {
  writeFileSync(join(folder, 'blank.json'), text)
  expect(await cleanUpAfterDeadRuns({ folder })).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})

test('a process that may not be ended stays noted, also when a schema of the same run was dropped', async () => {
  const { child, identity, ended } = sleeper()
  const path = dead({ processes: [identity], schemas: [{ server: 'fingerprint', schema: 'authcost_1' }] })
  const kill = () => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
  }
  const notices = await cleanUpAfterDeadRuns({ folder, kill })
  expect(notices).toEqual([expect.stringContaining('may not be ended by this user')])
  forgetSchema('authcost_1', folder)
  expect(readLockFile(path)?.processes).toEqual([identity])
  await cleanUpAfterDeadRuns({ folder })
  await ended
  expect(child.signalCode).toBe('SIGKILL')
  expect(existsSync(path)).toBe(false)
})

test('a process that has ended is not running any more', () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  expect(identifyProcess(pid)).toBeUndefined()
})
