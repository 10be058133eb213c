// The control's server with a driver beside it, pinned as in a run, for the sections that need a real load.
const users = 1000

export async function withControlServer({ built }, use) {
  const { ServerProcess } = await built('bench/launch/server.js')
  const { LoadDriver } = await built('bench/load/load-driver.js')
  const { identityBody, seededIdentity } = await built('servers/contract/identity.js')
  const { planCpusHere } = await built('bench/environment/cpu-plan.js')
  const { pinProcess } = await built('bench/environment/pinning.js')
  const server = await ServerProcess.start({
    nodeFlags: ['--no-memory-reducer'],
    configuration: {
      variantId: 'none',
      strategy: 'none',
      parameters: {},
      secrets: {},
      host: '127.0.0.1',
      port: 0,
      databaseSchema: 'unused',
      applicationName: 'authcost-self',
      poolSize: 1,
      insecureCookies: false,
      accessLifetimeS: 3600,
      logRequests: false,
    },
  })
  const driver = await LoadDriver.start()
  try {
    const issue = { fromUserId: 1, toUserId: users, nowMs: Date.now(), lifetimeS: 3600, fresh: false }
    const requestHeaders = await server.issue(issue)
    await driver.setPopulation({
      expectedBodies: Array.from({ length: users }, (_, index) => identityBody(seededIdentity(index + 1))),
      zipfExponent: 1,
      seed: 1,
    })
    await driver.setCredentials({ variant: 'none', requestHeaders })
    const open = async (target, kind) => {
      await driver.open({ target, variant: 'none', urls: [server.url], connections: 10, driver: kind, walk: '0' })
    }
    await open('warm', 'autocannon')
    await driver.warmUp({ targets: ['warm'], responses: 30_000, maxDurationMs: 5000 })
    const cpus = planCpusHere()
    const pinned = !('absent' in cpus)
    if (pinned) {
      await pinProcess(server.pid, cpus.servers)
      await pinProcess(driver.child.pid, cpus.driver)
    }
    return await use({
      server,
      driver,
      open,
      headers: requestHeaders[0],
      /** Prefix of a command that is to run where the driver does. */
      onDriverCpu: pinned ? ['taskset', '-c', cpus.driver] : [],
    })
  } finally {
    await driver[Symbol.asyncDispose]()
    await server.stop()
  }
}
