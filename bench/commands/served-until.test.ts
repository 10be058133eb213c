import { expect, test } from 'vitest'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { servedUntil } from './served-until.ts'

function serving() {
  const abort = new AbortController()
  const never = () => {}
  let loseServer: (error: AuthcostError) => void = never
  let losePostgres: (reason: string) => void = never
  let loseRedis: (reason: string) => void = never
  const ended = servedUntil({
    server: {
      onUnexpectedExit: (listener) => {
        loseServer = listener
      },
    },
    companions: [],
    postgres: {
      onExit: (listener) => {
        losePostgres = listener
        return never
      },
    },
    redis: {
      onExit: (listener) => {
        loseRedis = listener
      },
    },
    signal: abort.signal,
  })
  return {
    ended,
    abort,
    loseServer: (error: AuthcostError) => loseServer(error),
    losePostgres: (reason: string) => losePostgres(reason),
    loseRedis: (reason: string) => loseRedis(reason),
  }
}

test('a Postgres that is lost is an error of the environment, not of authcost', async () => {
  const { ended, losePostgres } = serving()
  losePostgres('The connection to Postgres was lost: it went away.')
  const error = await ended.catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(AuthcostError)
  expect(error).toMatchObject({ code: 'postgres.lost', message: expect.stringMatching(/it went away\.$/) })
})

test('a Redis of our own that is lost ends serving', async () => {
  const { ended, loseRedis } = serving()
  loseRedis('redis-server ended unexpectedly by SIGKILL.')
  await expect(ended).rejects.toMatchObject({ code: 'redis.lost', message: expect.stringContaining('SIGKILL') })
})

test('a server that ends and a Ctrl-C are told as they come', async () => {
  const one = serving()
  one.loseServer(new AuthcostError('launch.exited', 'server session ended unexpectedly.'))
  await expect(one.ended).rejects.toMatchObject({ code: 'launch.exited' })
  const two = serving()
  two.abort.abort(new Error('Ctrl-C'))
  await expect(two.ended).rejects.toThrow('Ctrl-C')
})
