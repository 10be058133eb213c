import { protocolVersion, type ServerConfiguration } from '../contract/protocol.ts'
import { parseVariant, strategyNamed } from '../strategies/table.ts'

/** What a server of this variant is told in a test: any free port of loopback, and no database unless `more` names one. */
export async function testConfiguration(
  text: string,
  more: Partial<ServerConfiguration> = {},
): Promise<ServerConfiguration> {
  const variant = parseVariant(text)
  return {
    protocolVersion,
    variantId: variant.id,
    strategy: variant.strategy,
    parameters: variant.parameters,
    secrets: await strategyNamed(variant.strategy).createSecrets(variant),
    host: '127.0.0.1',
    port: 0,
    databaseSchema: 'none',
    applicationName: 'authcost-test',
    poolSize: 1,
    insecureCookies: false,
    accessLifetimeS: 3600,
    logRequests: false,
    ...more,
  }
}
