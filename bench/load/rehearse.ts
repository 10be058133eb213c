import { createServer } from 'node:net'
import { arrivalTimesNs } from '../statistics/arrivals.ts'
import { OpenLoopConnections } from './open-loop.ts'
import { oneRequestOn } from './request-set.ts'
import type { Window } from './window.ts'

const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
const connections = 16

/**
 * The open loop at a fixed rate, against sockets of this process, before there is any server: the first windows of a
 * driver whose code no compiler has looked at yet send late. Counts into the window, which must be nobody's.
 */
export async function rehearse(
  window: Window,
  { requestsPerSecond, durationMs }: { readonly requestsPerSecond: number; readonly durationMs: number },
): Promise<void> {
  const server = createServer((socket) => {
    socket.on('data', () => socket.write(answer))
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  try {
    const address = server.address()
    const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const load = await OpenLoopConnections.open([`http://${host}`], oneRequestOn(connections, host, '{}'), window)
    await load
      .run(arrivalTimesNs({ requestsPerSecond, durationMs, arrivals: 'poisson', seed: 1 }), durationMs)
      .finally(() => load.close())
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
