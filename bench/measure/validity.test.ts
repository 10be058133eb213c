import { describe, expect, it } from 'vitest'
import type { DoubtCode, Load } from '../record/slice.ts'
import { doubtsOf, type SliceFacts } from './validity.ts'

const saturation: Load = { mode: 'saturation', connections: 10 }
const fixedRate: Load = { mode: 'fixed-rate', connections: 64, requestsPerSecond: 2000, arrivals: 'poisson' }
const unloaded: Load = { mode: 'unloaded', connections: 1 }

/** 10,000 requests in 250 ms on 10 connections, one core full: nothing to object to. */
const sound: SliceFacts = {
  load: saturation,
  durationMs: 250,
  requests: 10_000,
  errors: 0,
  non2xx: 0,
  wrongBodies: 0,
  meanLatencyUs: 250,
  idleTurnShare: 0.4,
  clockStepMs: 0,
  appRequests: 10_000,
  appRefusals: 0,
  appCpuUs: 240_000,
  databaseCpuUs: 0,
  sharedCores: true,
  backendEnded: false,
  stealUs: 0,
  foreignUs: 5000,
  checkpoint: false,
  autovacuum: false,
  foreignBackends: 0,
}

const codes = (facts: Partial<SliceFacts>): DoubtCode[] => doubtsOf({ ...sound, ...facts }).map(({ code }) => code)

describe('doubtsOf', () => {
  it.each([
    ['saturation', sound],
    ['fixed rate', { ...sound, load: fixedRate, requests: 500, appRequests: 500, scheduleLagP99Us: 40, unsent: 0 }],
    ['unloaded', { ...sound, load: unloaded, requests: 2500, appRequests: 2500, meanLatencyUs: 100 }],
  ] as const)('finds nothing against a sound slice (%s)', (_, facts) => {
    expect(doubtsOf(facts)).toEqual([])
  })

  it.each<[DoubtCode, Partial<SliceFacts>]>([
    ['errors', { errors: 1 }],
    ['non-2xx', { non2xx: 1 }],
    ['wrong-body', { wrongBodies: 1 }],
    ['count-mismatch', { appRequests: 10_001 }],
    ['driver-limited', { idleTurnShare: 0.049 }],
    ['not-saturated', { appCpuUs: 120_000 }],
    ['littles-law', { meanLatencyUs: 265 }],
    ['littles-law', { meanLatencyUs: 235 }],
    ['steal', { stealUs: 13_000 }],
    ['foreign-load', { foreignUs: 38_000 }],
    ['checkpoint', { checkpoint: true }],
    ['autovacuum', { autovacuum: true }],
    ['foreign-backends', { foreignBackends: 2 }],
    ['backend-ended', { backendEnded: true }],
    ['clock-step', { clockStepMs: -11 }],
    ['frequency-change', { frequencyRatio: 0.85 }],
  ])('doubts for %s alone: %j', (code, facts) => {
    expect(codes(facts)).toEqual([code])
  })

  it.each<[DoubtCode, Partial<SliceFacts>]>([
    ['schedule-lag', { scheduleLagP99Us: 1001 }],
    ['unsent', { unsent: 1 }],
    ['too-few-responses', { requests: 49, appRequests: 49 }],
  ])('doubts a slice at a fixed rate for %s alone: %j', (code, facts) => {
    expect(codes({ load: fixedRate, requests: 500, appRequests: 500, ...facts })).toEqual([code])
  })

  it('asks of a slice at a fixed rate neither a full core nor a full queue', () => {
    const idle = { load: fixedRate, requests: 500, appRequests: 500, appCpuUs: 20_000, foreignUs: 60_000 }
    expect(codes({ ...idle, meanLatencyUs: 60, idleTurnShare: 0.01 })).toEqual([])
  })

  it('asks of one connection no full core, but that its answers fill the time', () => {
    const facts = { load: unloaded, requests: 2500, appRequests: 2500, meanLatencyUs: 100, appCpuUs: 50_000 }
    expect(codes(facts)).toEqual([])
    expect(codes({ ...facts, meanLatencyUs: 90 })).toEqual(['littles-law'])
  })

  it('counts server and database together on a shared core, the fuller one on cores of their own', () => {
    const half = { appCpuUs: 120_000, databaseCpuUs: 118_000 }
    expect(codes({ ...half, sharedCores: true })).toEqual([])
    expect(codes({ ...half, sharedCores: false })).toEqual(['not-saturated'])
    expect(codes({ appCpuUs: 20_000, databaseCpuUs: 240_000, sharedCores: false })).toEqual([])
  })

  it('takes what idle cores spend on waking up for nobody, where they are idle on purpose', () => {
    const waking = { foreignUs: 60_000, appCpuUs: 50_000, databaseCpuUs: 20_000 }
    expect(codes({ ...waking, mayIdle: true, idleShare: 0.5 })).toEqual([])
    expect(codes({ ...waking, mayIdle: true, idleShare: 0.05 })).toEqual(['foreign-load'])
    expect(codes({ ...waking, idleShare: 0.5 })).toEqual(['not-saturated', 'foreign-load'])
  })

  it('asks of several app instances that they fill the cores they can, or the database its own', () => {
    const two = { appCores: 2, sharedCores: false, foreignUs: 60_000 }
    expect(codes({ ...two, appCpuUs: 240_000, databaseCpuUs: 100_000 })).toEqual(['not-saturated'])
    expect(codes({ ...two, appCpuUs: 400_000, databaseCpuUs: 100_000 })).toEqual([])
    expect(codes({ ...two, appCpuUs: 240_000, databaseCpuUs: 230_000 })).toEqual([])
  })

  it('judges nothing that could not be read', () => {
    const unread = { stealUs: undefined, foreignUs: undefined, sharedCores: undefined, appCpuUs: 1000 }
    expect(codes(unread)).toEqual([])
    for (const sharedCores of [true, false])
      expect(codes({ databaseCpuUs: undefined, foreignUs: undefined, sharedCores, appCpuUs: 1000 })).toEqual([])
  })

  it('never looks at the cost: a hundredfold CPU per request is no doubt', () => {
    expect(codes({ requests: 100, appRequests: 100, meanLatencyUs: 25_000 })).toEqual([])
  })
})
