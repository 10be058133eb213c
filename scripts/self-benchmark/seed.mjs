// Time to fill Postgres: linear or better in the number of sessions.
export async function seed({ built, full }) {
  const { startPostgres } = await built('bench/environment/postgres.js')
  const { prepareDatabase } = await built('bench/launch/database-preparation.js')
  const { signal } = new AbortController()
  const postgres = await startPostgres({
    choice: 'embedded',
    image: 'unused',
    maxConnections: 20,
    runId: `self-${process.pid}`,
    log: () => {},
    signal,
  })
  try {
    const measured = []
    for (const sessions of [100_000, 1_000_000, ...(full ? [10_000_000] : [])]) {
      const preparation = {
        databaseUrl: postgres.url,
        databaseSchema: `authcost_self_${sessions}`,
        users: 5000,
        sessions,
        sessionSecret: '5a'.repeat(32),
        sessionLifetimeS: 3600,
        writes: false,
      }
      const { elapsedMs } = await prepareDatabase(preparation, () => {}, signal)
      measured.push({ sessions, perSecond: sessions / (elapsedMs / 1000), seconds: elapsedMs / 1000 })
    }
    const [first, ...others] = measured
    const last = measured.at(-1)
    return {
      title: 'Seeding sessions (embedded Postgres, vacuum, checkpoint and prewarming included)',
      rows: [
        [first.sessions.toLocaleString('en-US'), `${first.seconds.toFixed(1)} s`],
        ...others.map(({ sessions, seconds, perSecond }) => [
          sessions.toLocaleString('en-US'),
          `${seconds.toFixed(1)} s, ${(perSecond / first.perSecond).toFixed(2)} of the sessions a second of 100,000`,
        ]),
        ...(full ? [] : [['10,000,000', 'with --full']]),
      ],
      // Half of the speed is no longer linear, whatever the machine is busy with.
      objections: last.perSecond < 0.5 * first.perSecond ? ['Seeding takes more than linear time.'] : [],
    }
  } finally {
    await postgres[Symbol.asyncDispose]()
  }
}
