import { parseCpuList } from '../../environment/cpu-list.ts'
import { type BoundedOrAbsent, boundsOf } from '../../record/bounded.ts'
import type { EnvironmentRecord } from '../../record/environment.ts'
import type { Results, VariantRecord } from '../../record/run.ts'
import type { Absent, Slice } from '../../record/slice.ts'
import type { TokenCell, TokenNeeds } from '../../record/token-tuning.ts'
import { appCpu } from '../calibration-twin.ts'
import type { Cell } from '../cells.ts'
import { sliceFigure } from '../slice-figures.ts'
import { signingCost } from './signing-cost.ts'

export type TokenRecord = Pick<Results, 'plan' | 'slices' | 'signings' | 'environment'>

/** Above this share of the window in its event loop, the loop is what a server cannot go beyond. */
const busyLoop = 0.9
/** Above so many cores' worth of CPU outside the event loop, the thread pool is busy. */
const busyPool = 0.8

/** Everything measured about one variant of the grid. */
export function tokenCell(
  record: TokenRecord,
  variant: VariantRecord,
  cells: readonly Cell[],
  control: string,
  misses: readonly string[],
): TokenCell {
  const { parameters, deployment, credentialBytes } = variant
  const saturation = cells.find(({ load }) => load.mode === 'saturation')
  const absolute = (value: (slice: Slice) => number): BoundedOrAbsent =>
    saturation === undefined ? { absent: 'not measured at saturation' } : figureOf(saturation, variant.id, value)
  const eventLoopShare = absolute(loopShare)
  const algorithm = String(parameters.alg ?? '')
  return {
    variant: variant.id,
    algorithm,
    verifier: String(parameters.verifier ?? ''),
    key: String(parameters.key ?? ''),
    ...(isRsa(algorithm) ? { modulus: Number(parameters.modulus) } : {}),
    claimsBytes: Number(parameters.claims ?? 0),
    ...(deployment?.uvThreadpoolSize === undefined ? {} : { uvThreadpoolSize: deployment.uvThreadpoolSize }),
    costs: cells.map((cell) => {
      const cost = (value: (slice: Slice) => number | Absent): BoundedOrAbsent =>
        figureOf(cell, variant.id, value, control)
      return {
        load: cell.load,
        appCpuUs: cost((slice) => appCpu().source.value(slice)),
        eventLoopUs: cost((slice) => perRequest(slice, slice.app.eventLoopActiveUs)),
        outsideEventLoopUs: cost((slice) => perRequest(slice, slice.app.cpuUs - slice.app.eventLoopActiveUs)),
      }
    }),
    requestsPerSecond: absolute((slice) => slice.requests / (slice.durationMs / 1000)),
    eventLoopShare,
    limitedBy: limitOf(record.environment, eventLoopShare, absolute(poolCores)),
    signingCpuUs: signingCost(record.signings ?? [], variant.id, control),
    credentialBytes: credentialBytes ?? { absent: 'not recorded' },
    misses: [...misses],
  }
}

const isRsa = (algorithm: string): boolean => algorithm.startsWith('RS') || algorithm.startsWith('PS')

/** Why a variant is no answer to what was asked for; empty where it is one. */
export function missesOf(variant: VariantRecord, needs: TokenNeeds, onlyFloor: boolean): string[] {
  const algorithm = String(variant.parameters.alg ?? '')
  const { state, credentialBytes } = variant
  const { maxBytes } = needs
  return [
    ...(state === 'measured' ? [] : [state.leftOut]),
    ...(needs.asymmetric && algorithm.startsWith('HS') ? [`${algorithm} is symmetric: who verifies can sign`] : []),
    ...(needs.postQuantum && !algorithm.startsWith('ML-DSA') ? [`${algorithm} is not post-quantum`] : []),
    ...(maxBytes !== undefined && credentialBytes !== undefined && credentialBytes > maxBytes
      ? [`${credentialBytes.toFixed(0)} bytes are more than ${maxBytes}`]
      : []),
    ...(variant.parameters.verifier === 'node' && !onlyFloor
      ? ['node:crypto called directly is the floor under the libraries, not one to choose']
      : []),
  ]
}

const perRequest = (slice: Slice, us: number): number | Absent =>
  slice.requests === 0 ? { absent: 'no request was answered' } : us / slice.requests

/** Of the window; what lies between the readings of the counters and the window is idle. */
const loopShare = ({ app, durationMs }: Slice): number => Math.min(1, app.eventLoopActiveUs / 1000 / durationMs)

const poolCores = ({ app, durationMs }: Slice): number => (app.cpuUs - app.eventLoopActiveUs) / 1000 / durationMs

function figureOf(
  cell: Cell,
  variant: string,
  value: (slice: Slice) => number | Absent,
  baseline?: string,
): BoundedOrAbsent {
  const comparison = {
    variant,
    role: 'candidate',
    ...(baseline === undefined ? {} : { baseline }),
    pairwise: false,
  } as const
  const kind = baseline === undefined ? 'absolute' : 'cost'
  const answer = sliceFigure({ cell, comparison, kind }, { kind: 'slice', value })
  return 'absent' in answer ? answer : boundsOf(answer.interval)
}

function limitOf(
  environment: EnvironmentRecord,
  share: BoundedOrAbsent,
  pool: BoundedOrAbsent,
): TokenCell['limitedBy'] {
  const reason = limitNotMeasurable(environment)
  if (reason !== undefined) return { absent: reason }
  if ('absent' in share) return share
  if (share.value >= busyLoop) return 'event-loop'
  if ('absent' in pool) return pool
  return pool.value >= busyPool ? 'thread-pool' : { absent: 'neither event loop nor thread pool was busy all the time' }
}

/** Why event loop and thread pool cannot be told apart as the limit of throughput; undefined where they can. */
export function limitNotMeasurable(environment: EnvironmentRecord): string | undefined {
  const { machine, pinning } = environment
  const cores = typeof machine.physicalCores === 'number' ? machine.physicalCores : machine.logicalCpus
  const named = `not measurable on ${cores} ${cores === 1 ? 'core' : 'cores'}`
  if ('absent' in pinning) return `${named} (${pinning.absent})`
  return parseCpuList(pinning.servers).length < 2 ? `${named}: the server has one` : undefined
}
