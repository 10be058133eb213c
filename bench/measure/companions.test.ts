import { expect, it } from 'vitest'
import type { Absent, ProcessCounters } from '../record/slice.ts'
import { answered, reading, zeroCounters } from './fake-servers.fixture.ts'
import type { Load, MeasuredServer, Probes } from './probes.ts'
import { measureSlice } from './slice.ts'

const load: Load = {
  warmUp: async () => {},
  saturate: async () => answered(1000, 100),
  unloaded: async () => answered(1000, 100),
  openLoop: async () => answered(1000, 100),
}

/** All of one core is used while measuring, and server and database account for none of it. */
const busyMachine = (): Probes => {
  let busyUs = 0
  return {
    sharedCores: true,
    database: async () => reading(),
    machine: () => {
      busyUs += 100_000
      return { busyUs, stealUs: 0, cores: 1 }
    },
  }
}

const measure = (companions?: MeasuredServer['companions']) => {
  let requests = -1000
  const server: MeasuredServer = {
    key: 'session',
    applicationName: 'session',
    snapshot: async () => {
      requests += 1000
      return { ...zeroCounters, monotonicNs: zeroCounters.monotonicNs + requests, requests }
    },
    ...(companions === undefined ? {} : { companions }),
  }
  const place = {
    set: 0,
    restart: 0,
    round: 0,
    position: 0,
    variant: 'session',
    role: 'candidate',
    group: 'default',
  } as const
  const request = { place, load: { mode: 'saturation', connections: 10 } as const, sliceMs: 100, seed: 1 }
  return measureSlice(request, server, load, busyMachine())
}

const growing = (role: ProcessCounters['role'], stepUs: number) => {
  let us = 7000
  return {
    role,
    cpuUs: async () => {
      us += stepUs
      return us
    },
  }
}
const unread: Absent = { absent: 'not ours' }

it('records what each companion used between the two readings, and nothing where there is none', async () => {
  const slice = await measure([growing('issuer', 3000), growing('cache', 500)])
  expect(slice.processes).toEqual([
    { role: 'issuer', cpuUs: 3000 },
    { role: 'cache', cpuUs: 500 },
  ])
  expect('processes' in (await measure())).toBe(false)
})

it('keeps the reason where a companion cannot be read', async () => {
  const slice = await measure([{ role: 'cache', cpuUs: async () => unread }])
  expect(slice.processes).toEqual([{ role: 'cache', cpuUs: unread }])
})

it('does not take the work of a companion for foreign load, nor a core it fills for one that is idle', async () => {
  const codes = async (companions?: MeasuredServer['companions']) =>
    (await measure(companions)).doubts.map(({ code }) => code)
  expect(await codes()).toEqual(expect.arrayContaining(['foreign-load', 'not-saturated']))
  const accounted = await codes([growing('issuer', 95_000)])
  expect(accounted).not.toContain('foreign-load')
  expect(accounted).not.toContain('not-saturated')
  // What is not known is not judged by.
  const unknown = await codes([{ role: 'cache', cpuUs: async () => unread }])
  expect(unknown).not.toContain('foreign-load')
  expect(unknown).not.toContain('not-saturated')
})
