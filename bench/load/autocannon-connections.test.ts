import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AutocannonConnections } from './autocannon-connections.ts'
import { oneRequestOn } from './request-set.ts'
import { Window } from './window.ts'

const connections = 3
let server: Server
let accepted = 0

beforeEach(async () => {
  accepted = 0
  server = createServer((_, response) => response.end('hello'))
  server.on('connection', () => accepted++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

it('connects no more once closed, whatever becomes of the server', async () => {
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  const window = new Window()
  const load = new AutocannonConnections([`http://${host}`], oneRequestOn(connections, host, 'hello'), window)
  await load.hold()
  expect(accepted).toBe(connections)
  await load.close()
  server.closeAllConnections()
  // Longer than it takes to connect, shorter than autocannon needs to notice by itself.
  await sleep(200)
  expect(accepted).toBe(connections)
  expect([window.errors, window.wrongBodies]).toEqual([0, 0])
})
