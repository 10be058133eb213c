import { coreSharingWords } from '../record/core-sharing.ts'
import type { DbDelay } from '../record/environment.ts'
import type { Results } from '../record/run.ts'
import { type Absent, isValid } from '../record/slice.ts'
import { durationText, whole, withMicroSign } from './figure-text.ts'
import { loadTitle } from './load-view.ts'
import type { Fact } from './report-data.ts'

const orAbsent = (value: number | string | Absent): string =>
  typeof value === 'object' ? `– (${value.absent})` : String(value)

const sizeText = (bytes: number): string =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(0)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** `2026-11-23 14:06 UTC`: no time zone of the machine, so that two readers see the same. */
export const timeText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`

/** `4 min 12 s` that a run took, without the time between its parts; absent where it did not end. */
export function elapsedText({
  startedAt,
  finishedAt,
  pausedMs = 0,
}: Pick<Results['run'], 'startedAt' | 'finishedAt' | 'pausedMs'>): string | undefined {
  if (finishedAt === undefined) return undefined
  const seconds = Math.round((Date.parse(finishedAt) - Date.parse(startedAt) - pausedMs) / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** What, when and where in a line; and what the figures are figures of. */
export function leadText(results: Results): string {
  const { machine, node, postgres } = results.environment
  const elapsed = elapsedText(results.run)
  return [
    `${timeText(results.run.startedAt)}${elapsed === undefined ? '' : `, ${elapsed}`}`,
    `${machine.cpuModel}, ${machine.logicalCpus} CPUs`,
    `Node ${node.version.replace(/^v/, '')}, Postgres ${postgres.version}`,
    `HTTP/1.1 keep-alive, no TLS, loopback, warm caches${isAtOneSpeed(results) ? ', CPU at one speed of the cores' : ''}`,
  ].join(' · ')
}

/** What a state other than `complete` means for the reader. */
export function stateNote(results: Results): string | undefined {
  switch (results.run.state) {
    case 'complete':
      return undefined
    case 'running':
      return 'This run has not ended: the figures are of what was measured so far.'
    case 'interrupted':
      return 'This run was interrupted: the figures are of what was measured until then.'
    case 'failed':
      return `This run failed: ${results.run.failure ?? 'no reason was recorded'}`
  }
}

/** Where it was measured. */
export function environmentFacts(results: Results): readonly Fact[] {
  const { machine, node, postgres, pinning, packages } = results.environment
  const pinned =
    'absent' in pinning
      ? `none: ${pinning.absent}`
      : `servers on CPU ${pinning.servers}, Postgres on ${pinning.database}, driver on ${pinning.driver}`
  return [
    { name: 'Processor', value: `${machine.cpuModel}, ${machine.logicalCpus} logical CPUs` },
    { name: 'Physical cores', value: orAbsent(machine.physicalCores) },
    { name: 'Memory', value: sizeText(machine.memoryBytes) },
    { name: 'System', value: `${machine.platform} ${machine.arch}, kernel ${machine.kernel}` },
    { name: 'Virtual machine', value: orAbsent(machine.virtualMachine) },
    { name: 'Container', value: orAbsent(machine.container) },
    { name: 'Frequency governor', value: orAbsent(machine.frequencyGovernor) },
    { name: 'Clock source', value: orAbsent(machine.clockSource) },
    { name: 'Pinning', value: pinned },
    {
      name: 'Node',
      value: `${node.version} (V8 ${node.v8}), ${node.flags.length === 0 ? 'no flags' : node.flags.join(' ')}, UV_THREADPOOL_SIZE ${node.uvThreadpoolSize}`,
    },
    { name: 'Postgres', value: `${postgres.version}, ${postgres.kind}, ${routeTexts[postgres.route]}` },
    {
      name: 'Postgres round trip',
      value: `p50 ${postgres.roundTripUs.p50.toFixed(1)} µs, p99 ${postgres.roundTripUs.p99.toFixed(1)} µs (a trivial prepared query, ${whole(postgres.roundTripUs.samples)} samples): the floor under every lookup`,
    },
    ...sharingFacts(results),
    ...redisFacts(results),
    ...(results.environment.dbDelays ?? []).map((delay) => ({
      name: 'Delay to the database',
      value: delayText(delay, proxyCpuText(results, delay)),
    })),
    {
      name: 'Database CPU from',
      value: typeof postgres.backendCpu === 'string' ? postgres.backendCpu : orAbsent(postgres.backendCpu),
    },
    {
      name: 'Database size',
      value:
        typeof postgres.databaseBytes === 'number'
          ? sizeText(postgres.databaseBytes)
          : orAbsent(postgres.databaseBytes),
    },
    { name: 'Postgres settings', value: listed(postgres.settings, '=') },
    { name: 'Packages', value: listed(packages, ' ') },
  ].filter(({ value }) => value !== '')
}

const routeTexts: Readonly<Record<Results['environment']['postgres']['route'], string>> = {
  loopback: 'reached over loopback',
  direct: 'reached at its own address',
  published: 'reached at a published port',
  remote: 'reached over a network',
  'unix-socket': 'reached by a Unix socket',
}

function sharingFacts({ environment: { coreSharing } }: Results): readonly Fact[] {
  if (coreSharing === undefined) return []
  if ('absent' in coreSharing) return [{ name: 'Sharing a core', value: orAbsent(coreSharing) }]
  const { inFlight, turns, turnMs } = coreSharing
  return [
    {
      name: 'Sharing a core',
      value: `a look-up in process, ${whole(inFlight)} at a time: ${withMicroSign(coreSharingWords(coreSharing))}; medians of ${whole(turns)} × ${durationText(turnMs)} each`,
    },
  ]
}

function redisFacts({ environment: { redis } }: Results): readonly Fact[] {
  if (redis === undefined) return []
  const product = redis.product === 'valkey' ? 'Valkey' : 'Redis'
  return [{ name: product, value: `${redis.version}, ${redis.kind}, ${routeTexts[redis.route]}` }]
}

const delayText = ({ askedUs, addedUs, samples }: DbDelay, cpu: string): string =>
  `asked for ${whole(askedUs)} µs per round trip, added p50 ${whole(addedUs.p50)} µs, p99 ${whole(addedUs.p99)} µs (${whole(samples)} samples) by a proxy whose own CPU${cpu} is neither the server’s nor the database’s`

/** Over all slices that count of the servers behind it: ` (45.2 µs per query)`; empty where no query was sent. */
function proxyCpuText({ plan, slices }: Results, { askedUs }: DbDelay): string {
  const behind = new Set(plan.variants.flatMap(({ id, deployment }) => (deployment?.dbDelayUs === askedUs ? [id] : [])))
  let us = 0
  let queries = 0
  for (const slice of slices.filter((one) => behind.has(one.variant) && isValid(one))) {
    for (const { role, cpuUs } of slice.processes ?? []) {
      if (role !== 'delay-proxy') continue
      if (typeof cpuUs !== 'number') return ` (not measured: ${cpuUs.absent})`
      us += cpuUs
      queries += slice.app.queries
    }
  }
  return queries === 0 ? '' : ` (${(us / queries).toFixed(1)} µs per query)`
}

const listed = (entries: Readonly<Record<string, string>>, between: string): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name}${between}${value}`)
    .join(', ')

/** What of Postgres the intervals cover; empty in files of before it was recorded. */
function postgresStarts({ plan: { restartPostgres }, run: { pausedMs } }: Results): readonly Fact[] {
  if (restartPostgres === undefined) return []
  const value = restartPostgres
    ? 'started afresh, too, before each restart but the first: intervals cover differences between its starts'
    : pausedMs === undefined
      ? 'one start for the whole run: intervals cover this start only'
      : 'one start for each part of a run that was continued: intervals cover these starts only'
  return [{ name: 'Starts of Postgres', value }]
}

/** How the figures were made: enough to repeat the run. */
export function methodFacts(results: Results): readonly Fact[] {
  const { plan, run, slices, tool } = results
  const doubtful = slices.filter((slice) => !isValid(slice))
  const reasons = new Map<string, number>()
  for (const { code } of doubtful.flatMap(({ doubts }) => doubts)) reasons.set(code, (reasons.get(code) ?? 0) + 1)
  const why = [...reasons].map(([code, times]) => `${code} ${times}`).join(', ')
  const loads = plan.loads.map(
    ({ load, sliceMs, roundsPerRestart }) =>
      `${loadTitle(load)}: ${roundsPerRestart} × ${durationText(sliceMs)} per variant and restart`,
  )
  return [
    { name: 'Tool', value: `authcost ${tool.version}, run ${run.id}` },
    { name: 'Command line', value: run.commandLine },
    { name: 'Profile', value: `${plan.profile}, seed ${run.seed}` },
    {
      name: 'Restarts',
      value: `${plan.restarts} planned: every server process started afresh, warmed up until steady`,
    },
    ...postgresStarts(results),
    {
      name: 'Rounds',
      value: `every variant once a round, control and twin included, in a random order drawn from the seed`,
    },
    ...loads.map((value) => ({ name: 'Load', value })),
    {
      name: 'Slices',
      value: `${whole(slices.length)} measured, ${whole(doubtful.length)} doubtful and left out${why === '' ? '' : ` (${why})`}`,
    },
    ...(run.sliceShare === undefined
      ? []
      : [{ name: 'Time in slices', value: `${(run.sliceShare * 100).toFixed(0)} % of the wall clock` }]),
    {
      name: 'Population',
      value: `${whole(plan.sessions)} sessions, ${whole(plan.users)} users sending, Zipf popularity with exponent ${plan.popularity.exponent}; pool of ${plan.poolSize} connections; access lifetime ${durationText(plan.accessLifetimeS * 1000)}`,
    },
    {
      name: 'Cost',
      value:
        'variant minus control of the same round; per restart the median of these differences, over restarts their mean with a Student t interval of 95 %',
    },
    ...coreSpeedFact(results),
    {
      name: 'Intervals',
      value:
        '95 %, of each figure by itself (not adjusted for their number). “Different” needs a Holm-adjusted p below 0.05 and a difference above the noise band',
    },
    {
      name: 'Read on',
      value: 'docs/method.md (the protocol and its proof), docs/results.md (every field of results.json)',
    },
  ]
}

const isAtOneSpeed = ({ coreSpeed }: Results): boolean => coreSpeed !== undefined && !('absent' in coreSpeed)

/** Nothing for files of before it was sampled. */
function coreSpeedFact({ coreSpeed, environment }: Results): readonly Fact[] {
  if (coreSpeed === undefined) return []
  const name = 'Core speed'
  if ('absent' in coreSpeed) return [{ name, value: `CPU as it was read: ${coreSpeed.absent}` }]
  const { referenceWorkUs, medianWorkUs, slowWorkUs, loads } = coreSpeed
  const slower = (us: number): string => `${Math.round(100 * (us / referenceWorkUs - 1))} %`
  const known = environment.coreSpeed
  const ownUs = coreSpeed.fastestWorkUs ?? referenceWorkUs
  const atBest = ownUs > referenceWorkUs ? `, at best ${slower(ownUs)}` : ''
  const source =
    known === undefined || ownUs === referenceWorkUs
      ? 'the fastest of the samples taken beside every slice'
      : `the fastest in ${known.runs} earlier ${known.runs === 1 ? 'run' : 'runs'} on this machine`
  const slopes = loads.map(
    ({ mode, slope, commonError, explained, variants }) =>
      `${mode === 'saturation' ? 'saturation' : 'fixed rate'}: power ${slope.toFixed(2)}${rangeOf(variants)}, ${Math.round(100 * explained)} % of the spread of CPU per request, ±${(100 * commonError).toFixed(1)} % of all figures in common`,
  )
  return [
    {
      name,
      value: `CPU per request is stated for the speed that the servers' cores have while nobody disturbs them (${source}); in the median slice a fixed piece of work took ${slower(medianWorkUs)} longer there, in the slowest tenth ${slower(slowWorkUs)} and more${atBest} (${slopes.join('; ')})`,
    },
  ]
}

/** Of the slopes of single variants, where they have any of their own. */
function rangeOf(variants: readonly { readonly slope: number }[] = []): string {
  const slopes = variants.map(({ slope }) => slope)
  return slopes.length === 0
    ? ''
    : ` (of single variants ${Math.min(...slopes).toFixed(2)} to ${Math.max(...slopes).toFixed(2)})`
}
