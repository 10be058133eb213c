import { instancesText, sessionsText } from '../../plan/deployment.ts'
import type { PlanRecord } from '../../record/run.ts'
import type { BreakEven, CustomaryPool, PoolRecommendation, PoolTuning } from '../../record/tuning.ts'
import { defaultMargins } from '../../statistics/good-enough.ts'
import { placeKey } from './pool-grid.ts'
import {
  answerText,
  connectionsText,
  furtherTexts,
  isBounded,
  listText,
  millisecondsText,
  placeText,
  rateText,
  ratioText,
  strategyLabel,
} from './pool-words.ts'

/** The answers of `tune pool` in words, most important first. */
export function poolSentences(plan: PlanRecord, tuning: Omit<PoolTuning, 'sentences'>): string[] {
  if (tuning.recommendations.length === 0) return ['No pool can be recommended: no cell of the sweep was measured.']
  return [
    ...recommended(plan, tuning),
    howSettled(tuning),
    ...atTheEdge(tuning),
    ...(['node-postgres-default', 'two-per-core-plus-one'] as const).flatMap((rule) => customary(rule, tuning)),
    ...instances(tuning),
    ...moreInstances(plan, tuning),
    ...brokenEven(plan, tuning),
    ...largerTables(plan, tuning),
    ...crossed(plan, tuning),
    ...peaks(tuning),
    ...littlesLaw(tuning),
    holdsFor(tuning),
    ...tuning.notMeasurable,
  ]
}

function recommended(plan: PlanRecord, { recommendations }: Pick<PoolTuning, 'recommendations'>): string[] {
  const groups = new Map<string, PoolRecommendation[]>()
  for (const one of recommendations) {
    const key = `${strategyLabel(plan, one.strategy)}, ${placeText(one)}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  const { leastThroughput, mostLatency, error } = defaultMargins
  return [
    ...[...groups].map(([where, ones]) => {
      const texts = ones.map(({ answer }) => answerText(answer))
      const [first] = texts
      if (first !== undefined && ones.length > 1 && texts.every((text) => text === first))
        return `${where}: ${first}, at each of ${ones.length} numbers of connections.`
      const answers = ones.map(({ connections }, index) => `${connectionsText(connections)}: ${texts[index] ?? ''}`)
      return `${where}: ${answers.join('; ')}.`
    }),
    `Recommended is the smallest pool shown to reach ${100 * leastThroughput} % of the best throughput with a p95 of at most ${mostLatency.toFixed(2)} times the lowest; the chance of any wrong one is at most ${100 * error} % per concurrency and distance.`,
  ]
}

function howSettled({ recommendations }: Pick<PoolTuning, 'recommendations'>): string {
  const settled = recommendations.filter(({ answer }) => answer.state === 'settled')
  const restarts = recommendations.map((one) => one.restarts)
  const made =
    Math.min(...restarts) === Math.max(...restarts)
      ? `${restarts[0]}`
      : `${Math.min(...restarts)} to ${Math.max(...restarts)}`
  const more =
    settled.length === recommendations.length ? '' : '; what lies near a limit takes many more, or stays open'
  return `${settled.length} of ${recommendations.length} recommendations are settled, after ${made} restarts${more}.`
}

/** Where the largest pool of the grid is the answer, a larger one may be better still. */
function atTheEdge({ recommendations }: Pick<PoolTuning, 'recommendations'>): string[] {
  const edges = recommendations.filter(({ answer, pools }) => {
    const largest = pools[pools.length - 1]?.poolSize
    return answer.state === 'settled' && pools.length > 1 && answer.poolSize === largest
  })
  if (edges.length === 0) return []
  const places = edges.map((one) => `${connectionsText(one.connections)}, ${placeText(one)}`)
  return [`The largest pool measured is the answer (${places.join('; ')}): a larger one may be better still.`]
}

const ruleNames: Readonly<Record<CustomaryPool['rule'], string>> = {
  'node-postgres-default': 'The default of node-postgres,',
  'two-per-core-plus-one': 'The rule of thumb (2 x cores + 1), here',
}

function customary(rule: CustomaryPool['rule'], { recommendations }: Pick<PoolTuning, 'recommendations'>): string[] {
  const all = recommendations.flatMap((one) =>
    one.customary.filter((pool) => pool.rule === rule).map((pool) => ({ ...one, pool })),
  )
  const measured = all.flatMap((one) =>
    isBounded(one.pool.throughputRatio) ? [{ ...one, throughput: one.pool.throughputRatio }] : [],
  )
  const worstFirst = [...measured].sort((a, b) => a.throughput.value - b.throughput.value)
  const shown = worstFirst.find(({ throughput }) => throughput.high < 1)
  const worst = shown ?? worstFirst[0]
  if (worst === undefined) return []
  const { poolSize, measuredAs, against, p95Ratio } = worst.pool
  const stand = measuredAs === poolSize ? '' : ` (not in the grid; nearest measured: ${measuredAs})`
  const reference = worst.answer.state === 'settled' ? `the recommended ${against}` : `${against}, the best measured`
  const p95 = isBounded(p95Ratio) ? `, p95 times ${ratioText(p95Ratio)}` : ''
  const where = `${connectionsText(worst.connections)}, ${placeText(worst)}`
  const subject = `${ruleNames[rule]} ${poolSize}${stand},`
  // Of an open answer this says only which pool happened to be the fastest.
  if (measuredAs === against && worst.answer.state !== 'settled') return []
  if (measuredAs === against) return [`${subject} is ${reference} even where it costs most (${where}).`]
  const ratio = `${ratioText(worst.throughput)} of the throughput of ${reference}${p95}`
  // Its interval does not allow for the choice.
  const picked = measured.length === 1 ? '' : `, the worst of ${measured.length} comparisons`
  return shown === undefined
    ? [`${subject} is not shown to cost throughput anywhere (${where}${picked}: ${ratio}).`]
    : [`${subject} costs most with ${where}${picked}: ${ratio}.`]
}

function instances({ recommendations }: Pick<PoolTuning, 'recommendations'>): string[] {
  const all = recommendations.filter(({ answer }) => answer.state !== 'not-measurable')
  const largest = Math.max(...all.flatMap((one) => one.instances.map(({ poolSize }) => poolSize)))
  const some = all.find((one) => one.instances.some(({ poolSize }) => poolSize === largest))
  if (some === undefined) return []
  const parts = some.instances.map(({ server, fit, maxConnections, reservedConnections }) => {
    const whose = server === 'measured' ? 'of this server' : 'as Postgres comes'
    return `${fit} under a max_connections of ${maxConnections}, ${whose} (${reservedConnections} reserved)`
  })
  return [`App instances with a pool of ${largest}, the largest that is recommended or may be: ${listText(parts)}.`]
}

/** With the most connections: the pool that is recommended there, else the best. */
function brokenEven(plan: PlanRecord, { breakEven, recommendations }: PoolTuningParts): string[] {
  const most = Math.max(...recommendations.map(({ connections }) => connections))
  return recommendations
    .filter(({ connections }) => connections === most)
    .flatMap((recommended) => {
      const { strategy, connections, answer, best } = recommended
      const poolSize = answer.state === 'settled' ? answer.poolSize : best
      const here = breakEven.filter(
        (one) =>
          one.strategy === strategy &&
          placeKey(one) === placeKey(recommended) &&
          one.connections === connections &&
          one.poolSize === poolSize,
      )
      const named = (shown: BreakEven['shown']): string =>
        listText(here.filter((one) => one.shown === shown).map(({ token }) => strategyLabel(plan, token)))
      const clauses = [
        ...(named('no-difference-shown') === '' ? [] : [`no difference from ${named('no-difference-shown')} shown`]),
        ...(named('dearer') === '' ? [] : [`more than ${named('dearer')}`]),
        ...(named('cheaper') === '' ? [] : [`less than ${named('cheaper')}`]),
      ]
      if (clauses.length === 0) return []
      const where = `${placeText(recommended)}, ${connectionsText(connections)}, pool ${poolSize}`
      return [`CPU of ${strategyLabel(plan, strategy)}, app and database together (${where}): ${clauses.join('; ')}.`]
    })
}

type PoolTuningParts = Pick<PoolTuning, 'breakEven' | 'recommendations' | 'tableSizes' | 'instanceCounts'>

/** With the most connections, and the pool that the farthest distance takes: it serves the nearer ones as well. */
function crossed(
  plan: PlanRecord,
  { crossings, recommendations }: Pick<PoolTuning, 'crossings' | 'recommendations'>,
): string[] {
  const most = Math.max(...recommendations.map(({ connections }) => connections))
  const farthest = new Map(
    [...recommendations]
      .filter(({ connections }) => connections === most)
      .sort((a, b) => a.dbDelayUs - b.dbDelayUs)
      .map(({ answer, best, ...line }) => [lineKey(line), answer.state === 'settled' ? answer.poolSize : best]),
  )
  return crossings.flatMap(({ poolSize, connections, token, of, crossing, ...line }) => {
    if (crossing.state !== 'crosses' || connections !== most) return []
    if (farthest.get(lineKey(line)) !== poolSize) return []
    const { value, low, high } = crossing.dbDelayUs
    const what = of === 'cpu' ? 'CPU' : 'median response time at saturation'
    const two = (us: number): string => millisecondsText(Number(us.toPrecision(2)))
    return [
      `In ${what}, ${strategyLabel(plan, line.strategy)} (${[`pool ${poolSize}`, connectionsText(connections), ...furtherTexts(line)].join(', ')}) meets ${strategyLabel(plan, token)} where the database is ${two(value)} away [${two(low)}, ${two(high)}], by straight lines between the distances as obtained.`,
    ]
  })
}

/** What is at one place but for the distance: a line over it. */
const lineKey = (line: Pick<PoolTuning['crossings'][number], 'strategy' | 'sessions' | 'appInstances'>): string =>
  `${line.strategy} ${placeKey({ ...line, dbDelayUs: 0 })}`

/** The pool that a place takes with the most connections; undefined with any other number of them. */
function poolTaken(
  one: Pick<PoolRecommendation, 'strategy' | 'connections'> & Parameters<typeof placeKey>[0],
  { recommendations }: Pick<PoolTuning, 'recommendations'>,
): number | undefined {
  const most = Math.max(...recommendations.map(({ connections }) => connections))
  const there = recommendations.find(
    (other) =>
      other.connections === most &&
      one.connections === most &&
      other.strategy === one.strategy &&
      placeKey(other) === placeKey(one),
  )
  return there?.answer.state === 'settled' ? there.answer.poolSize : there?.best
}

/** With the most connections, and the pool that more instances take there. */
function moreInstances(plan: PlanRecord, tuning: PoolTuningParts): string[] {
  return (tuning.instanceCounts ?? []).flatMap((one) => {
    const { strategy, poolSize, connections, appInstances, against, requestsPerSecond: rate, throughputRatio } = one
    if (poolTaken(one, tuning) !== poolSize || !isBounded(throughputRatio) || !isBounded(rate)) return []
    const { low, high } = throughputRatio
    const verdict =
      low > 1 ? 'serve more than' : high < 1 ? 'serve less than' : 'are not shown to serve another throughput than'
    const where = `${placeText({ ...one, appInstances: undefined })}, ${connectionsText(connections)}, pool ${poolSize} each`
    return [
      `${strategyLabel(plan, strategy)}: ${instancesText(appInstances)} ${verdict} ${against} (${where}): ${rateText(rate)} requests/s, times ${ratioText(throughputRatio)}.`,
    ]
  })
}

/** With the most connections, and the pool that the larger table takes there. */
function largerTables(plan: PlanRecord, tuning: PoolTuningParts): string[] {
  return (tuning.tableSizes ?? []).flatMap((one) => {
    const { strategy, sessions, connections, poolSize } = one
    if (poolTaken(one, tuning) !== poolSize || !isBounded(one.cpuUs)) return []
    const { value, low, high } = one.cpuUs
    const cpu = low > 0 ? 'takes more CPU' : high < 0 ? 'takes less CPU' : 'is not shown to take another amount of CPU'
    const rate = isBounded(one.throughputRatio) ? `; throughput times ${ratioText(one.throughputRatio)}` : ''
    const where = `${placeText({ ...one, sessions: undefined })}, ${connectionsText(connections)}, pool ${poolSize}`
    return [
      `${strategyLabel(plan, strategy)} with ${sessionsText(sessions)} ${cpu} than with ${one.against.toLocaleString('en-US')} (${where}): ${value.toFixed(1)} us [${low.toFixed(1)}, ${high.toFixed(1)}] a request, app and database together${rate}.`,
    ]
  })
}

function peaks({ scalability }: Pick<PoolTuning, 'scalability'>): string[] {
  const found = scalability.flatMap(({ poolSize, fit, ...place }) =>
    fit.state === 'fitted' && isBounded(fit.peakConnections)
      ? [
          `pool ${poolSize}, ${placeText(place)}: ${fit.peakConnections.value.toFixed(0)} [${fit.peakConnections.low.toFixed(0)}, ${fit.peakConnections.high.toFixed(0)}]`,
        ]
      : [],
  )
  if (scalability.length === 0) return []
  const fitted = scalability.filter(({ fit }) => fit.state === 'fitted').length
  const peaked =
    found.length === 0
      ? 'none is shown to have its peak within the connections measured'
      : `peaks (connections): ${found.join('; ')}`
  return [
    fitted === 0
      ? `The Universal Scalability Law was fitted to none of ${scalability.length} curves.`
      : `The Universal Scalability Law describes ${fitted} of ${scalability.length} curves; ${peaked}.`,
  ]
}

function littlesLaw({ cells }: Pick<PoolTuning, 'cells'>): string[] {
  const checked = cells.flatMap(({ littlesLaw: law }) => ('absent' in law ? [] : [law.agrees]))
  if (checked.length === 0) return []
  const agreeing = checked.filter((agrees) => agrees).length
  return [`The wait for a pool connection agrees with Little's law in ${agreeing} of ${checked.length} cells.`]
}

function holdsFor({ cores }: Pick<PoolTuning, 'cores'>): string {
  if ('absent' in cores)
    return `How many cores server and database had is not known (${cores.absent}): the answers hold for this machine as it was.`
  const count = (number: number): string => `${number} ${number === 1 ? 'core' : 'cores'}`
  return cores.shared
    ? `The answers hold for a server and a database that share ${count(cores.servers)}.`
    : `The answers hold for ${count(cores.servers)} for the server and ${count(cores.database)} for the database.`
}
