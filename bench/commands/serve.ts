import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { usageError } from '../../servers/contract/errors.ts'
import { withoutIssuerSecrets } from '../../servers/contract/issuer-protocol.ts'
import { refuseOpenHost } from '../../servers/contract/open-host.ts'
import { distinctLayouts } from '../../servers/contract/session-layout.ts'
import { parseVariant } from '../../servers/strategies/table.ts'
import { cleanUpAfterDeadRuns } from '../environment/clean-up.ts'
import { removeContainer } from '../environment/container-engine.ts'
import { RunLock } from '../environment/lock-file.ts'
import { startPostgres } from '../environment/postgres.ts'
import { prepareDatabase } from '../launch/database-preparation.ts'
import { redisFor } from '../launch/redis.ts'
import { ServerProcess } from '../launch/server.ts'
import { resolveVariants, secretsOf } from '../launch/strategy-file.ts'
import { startCompanions } from '../pipeline/companions.ts'
import { Resources } from '../pipeline/resources.ts'
import { parsePlanInput, planInputSchema } from '../plan/input.ts'
import { refuseTwoRedis } from '../plan/plan.ts'
import { makeRunId } from '../results/run-folder.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { servedUntil } from './served-until.ts'
import { terminalProgress } from './terminal-progress.ts'

interface ServeOptions {
  readonly port: string
  readonly host: string
  readonly postgres: string
  readonly postgresImage: string
  readonly redis?: string
  readonly redisImage?: string
  readonly insecureCookies: boolean
}

/** `serve`: one server to try in a browser; register, sign in, refresh, sign out. */
export const serveCommand = (context: CommandContext, exit: (code: ExitCode) => void): Command =>
  new Command('serve')
    .summary('start one server to try in a browser')
    .description('Starts one server, with tables of its own, to register, sign in and sign out in a browser.')
    .argument('<variant>', 'for example session, jwt:alg=ES256, none or ./my-strategy.js')
    .option('--port <n>', 'port to listen on; 0: any free one', '3000')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--postgres <where>', planInputSchema.shape.postgres.description, 'auto')
    .option('--postgres-image <image>', planInputSchema.shape.postgresImage.description, 'postgres:18-alpine')
    .option('--redis <url>', planInputSchema.shape.redis.description)
    .option('--redis-image <image>', planInputSchema.shape.redisImage.description)
    .option(
      '--insecure-cookies',
      'drop Secure and the __Host- prefix, for browsers that refuse them on plain HTTP; loopback only',
      false,
    )
    .action(async (variant: string, options: ServeOptions) => {
      await serve(context, variant, options)
      exit(0)
    })

async function serve(context: CommandContext, text: string, options: ServeOptions): Promise<void> {
  const variant = (await resolveVariants([text])).get(text) ?? parseVariant(text)
  const port = portOf(options.port)
  const {
    postgres: choice,
    postgresImage,
    redis: url,
    redisImage,
  } = parsePlanInput({
    postgres: options.postgres,
    postgresImage: options.postgresImage,
    ...(options.redis === undefined ? {} : { redis: options.redis }),
    ...(options.redisImage === undefined ? {} : { redisImage: options.redisImage }),
  })
  refuseTwoRedis({ redis: url, redisImage })
  refuseOpenHost(options, variant)
  const progress = terminalProgress(context.progress)
  for (const notice of await cleanUpAfterDeadRuns({ removeContainer })) progress.notice(notice)
  await using resources = new Resources()
  const runId = makeRunId(new Date(), randomBytes(2).toString('hex'))
  const secrets = await secretsOf(variant)
  const lock = new RunLock(runId)
  resources.defer(() => lock.close())
  progress.phase('starting Postgres')
  const postgres = resources.use(
    await startPostgres({
      choice,
      image: postgresImage,
      maxConnections: 50,
      runId,
      lock,
      log: (line) => progress.notice(line),
      signal: context.signal,
    }),
  )
  await prepareDatabase(
    {
      databaseUrl: postgres.url,
      databaseSchema: postgres.schema,
      users: 1,
      sessions: 0,
      sessionSecret: secrets.sessionSecret ?? randomBytes(32).toString('hex'),
      sessionLifetimeS: 1,
      writes: true,
      sessionLayouts: distinctLayouts([variant.sessionLayout]).filter(({ store }) => store === 'postgres'),
    },
    () => {},
    context.signal,
  )
  const applicationName = 'authcost-serve'
  const poolSize = 10
  const redis = await redisFor(variant, {
    url,
    image: redisImage,
    runId,
    lock,
    log: (line) => progress.notice(line),
    signal: context.signal,
  })
  const redisHandle = redis !== undefined && 'handle' in redis ? resources.use(redis.handle) : undefined
  const companions = await startCompanions(
    { variant },
    {
      databaseUrl: postgres.url,
      databaseSchema: postgres.schema,
      applicationName,
      poolSize,
      secrets,
      nodeFlags: [],
      ...(redis === undefined ? {} : { redis }),
    },
  )
  for (const companion of companions) resources.defer(() => companion.stop())
  const server = resources.use(
    await ServerProcess.start({
      nodeFlags: [],
      configuration: {
        variantId: variant.id,
        strategy: variant.strategy,
        ...(variant.file === undefined ? {} : { file: variant.file }),
        parameters: variant.parameters,
        secrets: Object.assign({}, withoutIssuerSecrets(secrets), ...companions.map((companion) => companion.secrets)),
        host: options.host,
        port,
        databaseUrl: postgres.url,
        databaseSchema: postgres.schema,
        applicationName,
        poolSize,
        insecureCookies: options.insecureCookies,
        accessLifetimeS: accessLifetimeS(variant.parameters),
        logRequests: true,
      },
    }),
  )
  progress.clear()
  const address = options.insecureCookies ? server.url : server.url.replace('//127.0.0.1', '//localhost')
  context.print(`${variant.label} on ${address} (Ctrl-C to stop)\n`)
  if (options.insecureCookies)
    context.print('Cookies are set without Secure and without their prefix: for trying on this machine only.\n')
  await servedUntil({ server: server.child, companions, postgres, redis: redisHandle, signal: context.signal })
}

function portOf(text: string): number {
  const port = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw usageError('usage.port', `--port ${text} is not possible: expected 0 to 65535.`)
}

function accessLifetimeS(parameters: Readonly<Record<string, string | number | boolean>>): number {
  const given = parameters.accessLifetimeS ?? parameters.lifetimeS
  return typeof given === 'number' ? given : 900
}
