import { z } from 'zod'
import { coreSharingSchema } from './core-sharing.ts'
import { speedModeSchema } from './core-speed.ts'
import { absentSchema } from './slice.ts'

const figure = z.union([z.number(), absentSchema])
const text = z.union([z.string(), absentSchema])

/** What a delay proxy between servers and database was asked to add to each round trip, and what it did add, microseconds. */
export const dbDelaySchema = z.object({
  askedUs: z.number().positive(),
  /** Round trips of a trivial prepared query by way of the proxy (median, 99th percentile) minus the median of direct ones. */
  addedUs: z.object({ p50: z.number(), p99: z.number() }),
  samples: z.int().positive(),
})
export type DbDelay = z.infer<typeof dbDelaySchema>

/** Where it was measured. No host name, no home path, no credential. */
export const environmentSchema = z.object({
  node: z.object({ version: z.string(), v8: z.string(), flags: z.array(z.string()), uvThreadpoolSize: z.int() }),
  machine: z.object({
    platform: z.string(),
    arch: z.string(),
    kernel: z.string(),
    cpuModel: z.string(),
    logicalCpus: z.int().positive(),
    /** Cores that are not hyper-thread siblings of one another. */
    physicalCores: figure,
    memoryBytes: z.int().positive(),
    virtualMachine: text,
    container: text,
    frequencyGovernor: text,
    clockSource: text,
  }),
  /** CPU lists as `taskset` takes them; absent where nothing was pinned, with the reason. */
  pinning: z.union([z.object({ servers: z.string(), database: z.string(), driver: z.string() }), absentSchema]),
  postgres: z.object({
    kind: z.enum(['container', 'embedded', 'external']),
    /** `server_version` as the server says it. */
    version: z.string(),
    /** `direct`: the container's own address; `published`: a published port, perhaps through docker-proxy. */
    route: z.enum(['loopback', 'direct', 'published', 'remote', 'unix-socket']),
    settings: z.record(z.string(), z.string()),
    /** Round trip of a trivial prepared query on an idle server: the floor under every session lookup, microseconds. */
    roundTripUs: z.object({ p50: z.number().positive(), p99: z.number().positive(), samples: z.int().positive() }),
    backendCpu: z.union([z.literal('schedstat'), absentSchema]),
    databaseBytes: figure,
  }),
  /** The Redis or Valkey of the run; absent where no variant needed one. */
  redis: z
    .object({
      kind: z.enum(['program', 'container', 'external']),
      product: z.enum(['redis', 'valkey']),
      /** As the server says it. */
      version: z.string(),
      route: z.enum(['loopback', 'direct', 'published', 'remote', 'unix-socket']),
    })
    .optional(),
  /** Not there where servers and Postgres share no core, no variant asks Postgres on every request, or in `quick`. */
  coreSharing: z.union([coreSharingSchema, absentSchema]).optional(),
  /** Distances from the database that were simulated; absent where none was. */
  dbDelays: z.array(dbDelaySchema).optional(),
  /** How fast earlier runs on this machine found the servers' cores to be; absent before the first, and where nothing is sampled. */
  coreSpeed: z
    .object({
      /** What the speed probe's work took on an undisturbed core: 10th percentile of the fastest of each of the runs, microseconds. */
      undisturbedWorkUs: z.number().positive(),
      /** Earlier runs that it is from, at most 20. */
      runs: z.int().positive(),
      /** What they say beforehand of the slope of this run under a kind of load: normal. A mode that none of them knew is not there. */
      slopes: z.array(
        z.object({
          mode: speedModeSchema,
          slope: z.number(),
          standardDeviation: z.number().positive(),
        }),
      ),
    })
    .optional(),
  packages: z.record(z.string(), z.string()),
})
export type EnvironmentRecord = z.infer<typeof environmentSchema>
