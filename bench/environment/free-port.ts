import { createServer } from 'node:net'
import { AuthcostError } from '../../servers/contract/errors.ts'

/** A TCP port on 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new AuthcostError('environment.port', 'The system gave no free port on 127.0.0.1. Try again.'))
      })
    })
  })
}
