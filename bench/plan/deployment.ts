/** Where and how a variant's server runs, as far as a plan varies it; what is left out is as the plan says. */
export interface Deployment {
  /** Connections of its Postgres pool; changed in the live server between slices. */
  readonly poolSize?: number | undefined
  /** Round trip added between server and Postgres, microseconds. */
  readonly dbDelayUs?: number | undefined
  /** Rows of the table in which its sessions lie. */
  readonly sessions?: number | undefined
  /** App instances: so many server processes, each with a pool of its own, share the one database. */
  readonly instances?: number | undefined
  /** Threads of libuv's pool (`UV_THREADPOOL_SIZE`). */
  readonly uvThreadpoolSize?: number | undefined
}

/** `2ms`, `500us`, `0`. */
const delayText = (us: number): string => (us === 0 ? '0' : us % 1000 === 0 ? `${us / 1000}ms` : `${us}us`)

/** `10,000 sessions` */
export const sessionsText = (sessions: number): string =>
  `${sessions.toLocaleString('en-US')} ${sessions === 1 ? 'session' : 'sessions'}`

/** `2 app instances` */
export const instancesText = (instances: number): string =>
  `${instances} app ${instances === 1 ? 'instance' : 'instances'}`

/** How many server processes stand for one variant: one, unless its instances are varied. */
export const instancesOf = (deployment: Deployment | undefined): number => deployment?.instances ?? 1

/** `dbDelay=500us,pool=2`: what stands behind the `@` of a deployed variant's id. Empty where nothing is varied. */
export function deploymentText({ dbDelayUs, sessions, instances, poolSize, uvThreadpoolSize }: Deployment): string {
  return [
    ...(dbDelayUs === undefined ? [] : [`dbDelay=${delayText(dbDelayUs)}`]),
    ...(sessions === undefined ? [] : [`sessions=${sessions}`]),
    ...(instances === undefined ? [] : [`instances=${instances}`]),
    ...(poolSize === undefined ? [] : [`pool=${poolSize}`]),
    ...(uvThreadpoolSize === undefined ? [] : [`threads=${uvThreadpoolSize}`]),
  ].join(',')
}

/** The id of a variant as deployed: `session@dbDelay=500us,pool=2`. */
export function deployedId(id: string, deployment: Deployment): string {
  const text = deploymentText(deployment)
  return text === '' ? id : `${id}@${text}`
}

/** What a reader sees behind the variant's label: `pool 2, database +500us`. */
export function deploymentLabel({ dbDelayUs, sessions, instances, poolSize, uvThreadpoolSize }: Deployment): string {
  return [
    ...(poolSize === undefined ? [] : [`pool ${poolSize}`]),
    ...(instances === undefined ? [] : [instancesText(instances)]),
    ...(sessions === undefined ? [] : [sessionsText(sessions)]),
    ...(dbDelayUs === undefined
      ? []
      : [dbDelayUs === 0 ? 'database on loopback' : `database +${delayText(dbDelayUs)}`]),
    ...(uvThreadpoolSize === undefined ? [] : [`${uvThreadpoolSize} pool threads`]),
  ].join(', ')
}

/** What cannot be changed in a live server: variants that agree in this may share a process. */
export function processKey(id: string, deployment: Deployment | undefined): string {
  if (deployment === undefined) return id
  const { poolSize: _changedLive, ...fixed } = deployment
  return deployedId(id, fixed)
}
