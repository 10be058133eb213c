import type { EnvironmentRecord } from '../record/environment.ts'

/** A machine as a run would record it. */
export const fixtureEnvironment = (databaseCpu: boolean): EnvironmentRecord => ({
  node: { version: 'v20.20.2', v8: '11.3.244.8-node.33', flags: ['--no-memory-reducer'], uvThreadpoolSize: 4 },
  machine: {
    platform: 'linux',
    arch: 'x64',
    kernel: '6.1.0-18-amd64',
    cpuModel: 'Example CPU @ 2.50GHz',
    logicalCpus: 2,
    physicalCores: 1,
    memoryBytes: 8_000_000_000,
    virtualMachine: 'kvm',
    container: { absent: 'not in a container' },
    frequencyGovernor: { absent: 'the machine does not show cpufreq' },
    clockSource: 'tsc',
  },
  pinning: { servers: '0', database: '0', driver: '1' },
  postgres: {
    kind: 'embedded',
    version: '18.4',
    route: 'loopback',
    settings: { shared_buffers: '128MB', synchronous_commit: 'on', jit: 'off' },
    roundTripUs: { p50: 62.1, p99: 140.5, samples: 2000 },
    backendCpu: databaseCpu ? 'schedstat' : { absent: 'not a superuser of this Postgres' },
    databaseBytes: 34_000_000,
  },
  packages: { fastify: '5.12.8', pg: '8.23.1', jose: '6.2.18', autocannon: '9.0.0' },
})
