import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RunFolder } from './run-folder.ts'

/** Bytes that still fit on the disk. */
const disk = vi.hoisted(() => ({ roomBytes: Number.POSITIVE_INFINITY }))
// As a kernel writes: at most so much at a time, short where the disk fills up, and only then with an error.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    writeSync: (file: number, data: Uint8Array | string, offset = 0) => {
      const bytes = Buffer.from(data)
      const length = Math.min(10, disk.roomBytes, bytes.length - offset)
      if (length === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      disk.roomBytes -= length
      return fs.writeSync(file, bytes, offset, length)
    },
  }
})

let out = ''
beforeEach(() => {
  disk.roomBytes = Number.POSITIVE_INFINITY
  out = mkdtempSync(join(tmpdir(), 'authcost-short-'))
})
afterEach(() => rmSync(out, { recursive: true, force: true }))

const long = { slice: 'longer than what one write takes' }
const line = `${JSON.stringify(long)}\n`

test('a line is appended whole, however little one write takes', () => {
  const folder = RunFolder.create(out, 'a')
  folder.append(long)
  folder.append(long)
  folder.close()
  expect(readFileSync(join(folder.path, 'slices.ndjson'), 'utf8')).toBe(line.repeat(2))
})

test('a line that does not fit on the disk leaves nothing of itself, so that the next one can be read', () => {
  const folder = RunFolder.create(out, 'a')
  folder.append(long)
  disk.roomBytes = 25
  expect(() => folder.append(long)).toThrow(/the disk is full/)
  disk.roomBytes = Number.POSITIVE_INFINITY
  folder.append(long)
  folder.close()
  expect(readFileSync(join(folder.path, 'slices.ndjson'), 'utf8')).toBe(line.repeat(2))
})
