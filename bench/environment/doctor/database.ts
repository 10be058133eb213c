import { AuthcostError } from '../../../servers/contract/errors.ts'
import { connectHarness } from '../connection.ts'
import { type DoctorCheck, good, hurts, type Outcome, type Probe, unknown } from './finding.ts'

const processNames = (probe: Probe): readonly string[] =>
  probe.files
    .list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => probe.files.read(`/proc/${name}/comm`) ?? '')

export const dockerProxy: DoctorCheck = {
  id: 'docker-proxy',
  title: 'docker-proxy',
  check(probe) {
    if (probe.platform !== 'linux') {
      return hurts(
        'A container is reached through a virtual machine and a proxy on this system: its round trip is several times longer.',
        'Use --postgres embedded, or a Postgres that runs on this machine.',
      )
    }
    const running = processNames(probe).filter((name) => name === 'docker-proxy').length
    return running === 0
      ? good('No docker-proxy runs; a container of ours is reached at its own address where possible.')
      : hurts(
          `${running} docker-proxy processes run: a published port goes through one, which about doubles the round trip.`,
          "Containers of ours are reached at their own address; for yours, put the container's address into --postgres, or run dockerd with --userland-proxy=false.",
        )
  },
}

export const databaseClients: DoctorCheck = {
  id: 'postgres-clients',
  title: 'Other Postgres clients',
  check: (probe) => (probe.postgresUrl === undefined ? otherServers(probe) : otherClients(probe.postgresUrl)),
}

function otherServers(probe: Probe): Outcome {
  if (probe.platform !== 'linux') return unknown('Other Postgres servers cannot be seen on this system.')
  const servers = processNames(probe).filter((name) => name === 'postgres' || name === 'postmaster').length
  return servers === 0
    ? good('No other Postgres runs on this machine.')
    : hurts(
        `${servers} processes of another Postgres run on this machine.`,
        'Stop it, or make sure that nobody uses it while measuring.',
      )
}

/** A database that was named and cannot be asked is no unknown: nothing can be measured with it. */
async function otherClients(url: string): Promise<Outcome> {
  try {
    const count = await countOtherClients(url)
    return count === 0
      ? good('Nobody else is connected to this Postgres.')
      : hurts(
          `${count} other clients are connected to this Postgres.`,
          'Disconnect them, or measure with --postgres embedded.',
        )
  } catch (error) {
    // Only our own messages are known to hold no credential.
    const reason = error instanceof AuthcostError ? error.message : 'It does not say who is connected.'
    return hurts(reason, 'Name a database that answers, or measure with --postgres embedded.')
  }
}

async function countOtherClients(url: string): Promise<number> {
  const client = await connectHarness(url)
  try {
    const answer = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    )
    return answer.rows[0]?.count ?? 0
  } finally {
    await client.end().catch(() => undefined)
  }
}
