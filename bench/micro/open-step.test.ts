import { expect, it } from 'vitest'
import { testConfiguration } from '../../servers/process/server-configuration.fixture.ts'
import { defaultVariants } from '../commands/micro.ts'
import { openStep } from './open-step.ts'

const walk = [3, 1, 2, 3, 10]
const inFlight = 2

/** Those that ask no database. */
const stateless = [...defaultVariants.filter((text) => text !== 'session'), 'jwt:transport=bearer', 'jwt:cache=100']

it.each(stateless)('%s: parts end with the users that the whole step finds, and all can be timed', async (text) => {
  const step = await openStep({ configuration: await testConfiguration(text), walk, inFlight })
  try {
    const names = step.tasks.map(({ call }) => call.name)
    expect(names[0]).toBe('parse')
    expect(names).toEqual(expect.arrayContaining(['step', 'issue']))
    expect(step.tasks.filter(({ call }) => call.kind === 'part').length).toBeGreaterThan(1)
    for (const task of step.tasks) {
      expect(task.call.async ? [1, inFlight] : [1]).toContain(task.inFlight)
      const run = await task.run(1)
      expect(run.samples).toBeGreaterThan(0)
    }
  } finally {
    await step.close()
  }
})

it('times the control as well, and the empty loop with it', async () => {
  const step = await openStep({ configuration: await testConfiguration('none'), walk, inFlight })
  expect(step.tasks.map(({ call, inFlight: many }) => `${call.name}/${many}`)).toEqual([
    'parse/1',
    'step/1',
    'empty/1',
    'empty promise/1',
    'empty promise/2',
  ])
  await step.close()
})

it('times a strategy without known parts as a whole', async () => {
  const step = await openStep({ configuration: await testConfiguration('synthetic:cpu=2us'), walk, inFlight })
  expect(step.tasks.some(({ call }) => call.kind === 'part')).toBe(false)
  expect(step.tasks.some(({ call }) => call.kind === 'step')).toBe(true)
  await step.close()
})

it('times a library whose work is done in authenticate, registered as its server does', async () => {
  const step = await openStep({ configuration: await testConfiguration('fastify-jwt'), walk, inFlight })
  expect(step.tasks.map(({ call }) => call.kind)).toEqual(['step', 'step'])
  expect((await step.tasks[0]?.run(1))?.samples).toBeGreaterThan(0)
  await step.close()
})

it('refuses a library whose step lies in hooks of the framework, and says so', async () => {
  const configuration = await testConfiguration('secure-session')
  await expect(openStep({ configuration, walk, inFlight })).rejects.toThrow('hooks that the library adds')
})

it('refuses to time a step that does not accept its own credentials', async () => {
  // Credentials that have expired when they are made.
  const configuration = await testConfiguration('jwt', { accessLifetimeS: -60 })
  await expect(openStep({ configuration, walk, inFlight })).rejects.toThrow('refused a good credential')
})
