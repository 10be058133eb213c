import { connect } from 'node:net'
import type { ContainerRuntimeClient } from 'testcontainers'

export interface ContainerAddress {
  readonly host: string
  readonly port: number
  readonly route: 'direct' | 'published'
}

/**
 * Where a port of a container answers: the container's own address where this machine reaches it (docker-proxy doubles
 * the round trip, and an engine without it need not serve published ports on loopback), else the published port.
 *
 * @returns undefined when the port is neither reached nor published.
 */
export async function containerAddress(
  engine: ContainerRuntimeClient,
  id: string,
  port: number,
): Promise<ContainerAddress | undefined> {
  const found = await engine.container.dockerode.getContainer(id).inspect()
  const networks = Object.values(found.NetworkSettings.Networks)
  for (const { IPAddress } of process.platform === 'linux' ? networks : []) {
    if (IPAddress !== '' && (await answers(IPAddress, port))) return { host: IPAddress, port, route: 'direct' }
  }
  const published = Number(found.NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort)
  if (!Number.isInteger(published)) return undefined
  const host = engine.info.containerRuntime.host
  return { host: host === 'localhost' ? '127.0.0.1' : host, port: published, route: 'published' }
}

/** Whether a TCP connection succeeds within 0.5 s; retried while the server in the container is still opening its port. */
async function answers(host: string, port: number): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const outcome = await new Promise<'open' | 'refused' | 'unreachable'>((resolve) => {
      const socket = connect({ host, port, timeout: 500 })
      const end = (result: 'open' | 'refused' | 'unreachable'): void => {
        socket.destroy()
        resolve(result)
      }
      socket.once('connect', () => end('open'))
      socket.once('timeout', () => end('unreachable'))
      socket.once('error', (error) => end('code' in error && error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable'))
    })
    if (outcome !== 'refused') return outcome === 'open'
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return false
}
