import { issuerUrlSecret, withoutIssuerSecrets } from '../contract/issuer-protocol.ts'
import { protocolVersion } from '../contract/protocol.ts'
import type { ResolvedVariant, Secrets } from '../contract/strategy.ts'
import { type RunningIssuer, startIssuer } from '../issuer/running-issuer.ts'
import { parseVariant, strategyNamed } from '../strategies/table.ts'
import { type RunningServer, startServer } from './running-server.ts'
import { testConfiguration } from './server-configuration.fixture.ts'

/** A server on a real socket, in this process, with the issuer it needs. */
export interface RealServer extends AsyncDisposable {
  readonly url: string
  readonly variant: ResolvedVariant
  /** Of the whole variant: the issuer's as well. */
  readonly secrets: Secrets
  readonly server: RunningServer
  readonly issuer: RunningIssuer | undefined
}

export interface RealServerOptions {
  readonly databaseUrl: string
  readonly databaseSchema: string
  /** In place of what the strategy makes. */
  readonly secrets?: Secrets
}

/** Starts the server of a variant, as the harness would. */
export async function startRealServer(text: string, options: RealServerOptions): Promise<RealServer> {
  const variant = parseVariant(text)
  const secrets = { ...(await strategyNamed(variant.strategy).createSecrets(variant)), ...options.secrets }
  const issuer = variant.needs.includes('issuer')
    ? await startIssuer({ protocolVersion, parameters: variant.parameters, secrets, host: '127.0.0.1', port: 0 })
    : undefined
  const issuerUrl: Secrets = issuer === undefined ? {} : { [issuerUrlSecret]: `http://127.0.0.1:${issuer.port}` }
  const configuration = await testConfiguration(text, {
    secrets: { ...withoutIssuerSecrets(secrets), ...issuerUrl },
    databaseUrl: options.databaseUrl,
    databaseSchema: options.databaseSchema,
    poolSize: 2,
  })
  const server = await startServer(configuration)
  return {
    url: `http://127.0.0.1:${server.port}`,
    variant,
    secrets,
    server,
    issuer,
    async [Symbol.asyncDispose]() {
      await server.stop()
      await issuer?.stop()
    },
  }
}
