import type { RequestHeaders } from '../gate/credential.ts'
import { exchangeBytes } from '../gate/wire-bytes.ts'
import type { ServerProcess } from '../launch/server.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import type { Warning } from '../record/run.ts'
import type { StateRecord, WireBytes } from '../record/state.ts'

/** Names and roles make bodies differ by a byte or two. */
const mostExchanges = 20

/** What a variant takes on the wire and at rest. */
export interface VariantBytes {
  readonly wire: WireBytes
  readonly state: StateRecord
}

/** Counts the bytes of some exchanges and weighs what the variant keeps. Not in a server that is measured. */
export async function bytesOf(
  { key, variant }: PlannedVariant,
  server: Pick<ServerProcess, 'url' | 'measureState'>,
  headers: readonly RequestHeaders[],
): Promise<VariantBytes> {
  const sum = { requestHeaderBytes: 0, responseHeaderBytes: 0, responseBodyBytes: 0 }
  const sent = headers.slice(0, mostExchanges)
  for (const one of sent) {
    const exchange = await exchangeBytes(server.url, one)
    sum.requestHeaderBytes += exchange.requestHeaderBytes
    sum.responseHeaderBytes += exchange.responseHeaderBytes
    sum.responseBodyBytes += exchange.responseBodyBytes
  }
  return {
    wire: {
      variant: key,
      requests: sent.length,
      requestHeaderBytes: sum.requestHeaderBytes / sent.length,
      responseHeaderBytes: sum.responseHeaderBytes / sent.length,
      responseBodyBytes: sum.responseBodyBytes / sent.length,
    },
    state: {
      variant: key,
      sizes: await sizesOf(server),
      ...(variant.traits.memoryNotWeighed === undefined ? {} : { memory: { absent: variant.traits.memoryNotWeighed } }),
    },
  }
}

async function sizesOf(server: Pick<ServerProcess, 'measureState'>): Promise<StateRecord['sizes']> {
  try {
    const sizes = await server.measureState()
    return sizes === undefined ? { absent: 'the strategy does not say what it keeps' } : [...sizes]
  } catch (error) {
    // A database that grants no temporary tables: the run goes on without the figure.
    return { absent: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * What proxies grant headers: of a request nginx `large_client_header_buffers` 8k for a line, Apache 8,190 bytes; of an
 * answer nginx `proxy_buffer_size` 8k at the most, by platform.
 */
const proxyLimitBytes = 8 * 1024
/** Node's own `--max-http-header-size`, which its client applies to answers as well. */
const nodeLimitBytes = 16 * 1024

const directions = [
  { bytes: 'requestHeaderBytes', of: 'a request', answered: 'such servers answer 431 or 400' },
  { bytes: 'responseHeaderBytes', of: 'an answer', answered: 'such proxies answer 502, such clients fail' },
] as const

/**
 * Headers, either way, that outgrow what servers commonly take. Of the requests that are measured: what a login sets is
 * not among them.
 */
export const headerWarnings = (label: string, wire: WireBytes): Warning[] =>
  directions.flatMap(({ bytes, of, answered }): Warning[] => {
    const sent = wire[bytes]
    if (sent <= proxyLimitBytes) return []
    const beyondNode = sent > nodeLimitBytes
    const limit = beyondNode
      ? 'the 16 KiB that Node takes by default'
      : 'the 8 KiB that nginx and Apache take by default'
    return [
      {
        code: 'headers-too-large',
        variant: wire.variant,
        message: `${label}: the headers of ${of} have ${Math.round(sent)} bytes, more than ${limit}: ${answered}.`,
        remedy: 'Carry less in the credential (an id, fewer claims), or raise the limit on every hop.',
        severity: beyondNode ? 'high' : 'low',
      },
    ]
  })
