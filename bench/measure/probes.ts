import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import type { LoadResult } from '../load/protocol.ts'
import type { Absent, BadKind, CoreSpeed, ProcessCounters } from '../record/slice.ts'

/** What the database says of itself before and after a slice. */
export interface DatabaseReading {
  /** CPU of the backends of one server's pool, nanoseconds by pid. */
  readonly backends: ReadonlyMap<number, number>
  readonly helpersNs: number | Absent
  /** Checkpoints begun since Postgres started; absent where it does not say. */
  readonly checkpoints: number | Absent
  /** One is being written this moment. */
  readonly checkpointing: boolean
  readonly autovacuumActive: boolean
  /** Client backends at work that are none of ours. */
  readonly foreignBackends: number
}

export interface MachineReading {
  /** Busy time of the cores given to server and database, microseconds. */
  readonly busyUs: number
  readonly stealUs: number
  readonly cores: number
}

/** The server of one variant, as far as measuring needs it; a fake stands in for it in tests. */
export interface MeasuredServer {
  /** Key of the planned variant; names the driver's connections. */
  readonly key: string
  /** `application_name` of its pool. */
  readonly applicationName: string
  /** Server processes that share its load; absent: one. */
  readonly instances?: number
  snapshot(): Promise<CounterSnapshot>
  /** Changes what a live server can change (the size of its pool) to what a variant wants. Absent: it serves one. */
  become?(variantKey: string): Promise<void>
  /** Issues so many credentials at once, for seeded users. Absent: it cannot. */
  issue?(credentials: number): Promise<void>
  /** How its accounts are reached; absent in tests that have none. */
  readonly accounts?: {
    readonly url: string
    /** Adds a user with this stored hash. */
    add(username: string, passwordHash: string): Promise<void>
  }
  /** Other processes that its requests pass through: Redis, an auth service. Absent: none. */
  readonly companions?: readonly {
    readonly role: ProcessCounters['role']
    /** CPU so far, microseconds. */
    cpuUs(): Promise<number | Absent>
  }[]
}

export interface ClosedLoopRequest {
  /** How many of the open connections take part; absent: all. */
  readonly connections?: number
  /** Share of requests that have to be refused; absent: none. */
  readonly badShare?: number
  /** Of these only one kind; absent: all that the server has to refuse. */
  readonly badKind?: BadKind | undefined
  readonly durationMs: number
  readonly minResponses: number
  readonly maxDurationMs: number
}

export interface OpenLoopRequest {
  readonly requestsPerSecond: number
  readonly durationMs: number
  readonly arrivals: 'poisson' | 'uniform'
  readonly seed: number
  /** Of clients whose cookie runs out: they leave it away in this share of the requests. Absent: once its time is over. */
  readonly lapsedShare?: number
}

/** What loads a server; a fake stands in for it in tests. */
export interface Load {
  /** All servers at once, unmeasured, until each has answered so often. */
  warmUp(request: { readonly responses: number; readonly maxDurationMs: number }): Promise<void>
  /** With all connections of the plan. */
  saturate(key: string, request: ClosedLoopRequest): Promise<LoadResult>
  /** With one connection. */
  unloaded(key: string, request: ClosedLoopRequest): Promise<LoadResult>
  openLoop(key: string, request: OpenLoopRequest): Promise<LoadResult>
}

/** Everything that is read around a slice. */
export interface Probes {
  database(applicationName: string): Promise<DatabaseReading | Absent>
  machine(): MachineReading | Absent
  /** Frequency of the server's cores, read right after load, over what it usually is then. Absent: not shown here. */
  frequencyRatio?(): number | undefined
  /** Samples how fast the servers' cores are. Absent: nothing was pinned, so there is no telling where it would run. */
  readonly coreSpeed?: {
    begin(): Promise<void>
    /** What was found since `begin`. */
    end(): Promise<Omit<CoreSpeed, 'sharedCores'> | Absent>
  }
  /** Whether server and database were given the same cores; absent: nothing was pinned. */
  readonly sharedCores: boolean | undefined
  /** Cores that the servers were given; absent: nothing was pinned. */
  readonly serverCores?: number | undefined
}
