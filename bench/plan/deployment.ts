/** Where and how a variant's server runs, as far as a plan varies it; what is left out is as the plan says. */
export interface Deployment {
  /** Connections of its Postgres pool; changed in the live server between slices. */
  readonly poolSize?: number | undefined
  /** Round trip added between server and Postgres, microseconds. */
  readonly dbDelayUs?: number | undefined
  /** Threads of libuv's pool (`UV_THREADPOOL_SIZE`). */
  readonly uvThreadpoolSize?: number | undefined
}

/** `2ms`, `500us`, `0`. */
const delayText = (us: number): string => (us === 0 ? '0' : us % 1000 === 0 ? `${us / 1000}ms` : `${us}us`)

/** `dbDelay=500us,pool=2`: what stands behind the `@` of a deployed variant's id. Empty where nothing is varied. */
export function deploymentText({ dbDelayUs, poolSize, uvThreadpoolSize }: Deployment): string {
  return [
    ...(dbDelayUs === undefined ? [] : [`dbDelay=${delayText(dbDelayUs)}`]),
    ...(poolSize === undefined ? [] : [`pool=${poolSize}`]),
    ...(uvThreadpoolSize === undefined ? [] : [`threads=${uvThreadpoolSize}`]),
  ].join(',')
}

/** The id of a variant as deployed: `session@dbDelay=500us,pool=2`. */
export function deployedId(id: string, deployment: Deployment): string {
  const text = deploymentText(deployment)
  return text === '' ? id : `${id}@${text}`
}

/** What a reader sees behind the variant's label: `pool 2, +500 us to the database`. */
export function deploymentLabel({ dbDelayUs, poolSize, uvThreadpoolSize }: Deployment): string {
  return [
    ...(poolSize === undefined ? [] : [`pool ${poolSize}`]),
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
