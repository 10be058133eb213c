import { capitalised } from '../metrics/format.ts'
import { metricById } from '../metrics/table.ts'
import type { AbsentEstimate, Estimate } from '../record/estimate.ts'
import type { PlanRecord, Results, VariantRecord } from '../record/run.ts'
import { type Load, loadKey, restartKey, type Slice } from '../record/slice.ts'
import { companionNames, cpuInWords } from './companions.ts'
import { inOtherSets } from './other-sets.ts'
import { rankingChanges } from './ranking.ts'

/**
 * The answer of a run in sentences: cost per request at the fixed rate, then at saturation; how the first candidate
 * compares with the others; and where the ranking depends on the load. Says "no difference shown" where none is. Of more
 * than two rates, or numbers of connections, it tells the middle one and names the others.
 */
export function headline(results: Pick<Results, 'plan' | 'estimates' | 'absent' | 'slices'>): string[] {
  const { plan } = results
  const estimates = ofSignedIn(results.estimates)
  const candidates = plan.variants.filter(({ role, state }) => role === 'candidate' && state === 'measured')
  const loads = loadsInOrder(estimates)
  const inWords = loadWords(loads)
  const told = middleOfMany(loads)
  const spoken = candidates.map((candidate): Spoken => {
    const slices = results.slices.filter(({ variant, group }) => variant === candidate.id && group === 'default')
    return { ...candidate, byTotal: spansPeriods(candidate, slices), companions: companionNames(slices) }
  })
  const measured = (metric: string): string => cpuInWords(metric, results)
  const [first] = candidates
  const elsewhere = first === undefined ? [] : inOtherSets(results, first.id).map(({ label }) => label)
  const sentences = told.flatMap((load) => {
    const here = estimates.filter((estimate) => loadKey(estimate.load) === loadKey(load))
    const missing = results.absent.filter((one) => loadKey(one.load) === loadKey(load))
    const where = capitalised(inWords(load))
    const costs = costSentence(where, here, spoken)
    return [...costs, ...comparisonSentence({ where, here, missing, candidates, elsewhere, measured })]
  })
  const ids = new Set(candidates.map(({ id }) => id))
  const changes = rankingChanges(estimates, ids).map(
    ({ metric, first, second, firstLoad, secondLoad }) =>
      `The ranking depends on the load: ${measured(metric)}, ${labelOf(candidates, first)} is cheaper than ${labelOf(candidates, second)} ${inWords(firstLoad)}, but dearer ${inWords(secondLoad)}.`,
  )
  const others = loads.filter((load) => !told.includes(load)).sort((a, b) => heaviness(a) - heaviness(b))
  const also = others.length === 0 ? [] : [`Also measured ${inAList.format(others.map(inWords))}: see the tables.`]
  if (sentences.length > 0) return [...sentences, ...changes, ...also]
  return [`No cost can be given: ${whyNone(plan)}.`]
}

/** The load that a headline begins with; undefined where no cost can be given. */
export const firstToldLoad = ({ estimates }: Pick<Results, 'estimates'>): Load | undefined =>
  middleOfMany(loadsInOrder(ofSignedIn(estimates)))[0]

/** What refusing costs is no cost of signing requests in. */
const ofSignedIn = (estimates: readonly Estimate[]): Estimate[] =>
  estimates.filter(({ group, load }) => group === 'default' && load.mode !== 'bad-traffic')

function whyNone({ variants }: Pick<PlanRecord, 'variants'>): string {
  const candidates = variants.filter(({ role }) => role === 'candidate')
  if (candidates.length === 0) return 'nothing but the control was measured'
  return candidates.every(({ state }) => state !== 'measured')
    ? 'every variant was left out, for the reasons given below'
    : 'fewer than 3 restarts have enough valid slices'
}

/** A candidate, and what decides how its cost is put. */
interface Spoken extends VariantRecord {
  /** Whether the total comes first. */
  readonly byTotal: boolean
  /** What it asks besides Postgres: `Redis`, `auth service`. */
  readonly companions: readonly string[]
}

/** The loads that CPU costs are given for: fixed rates first, because that is how most servers live. */
function loadsInOrder(estimates: readonly Estimate[]): Load[] {
  const costs = estimates.filter(({ metric, kind }) => metric === 'appCpuUsPerRequest' && kind === 'cost')
  const loads = [...new Map(costs.map(({ load }) => [loadKey(load), load])).values()]
  return [...loads.filter(({ mode }) => mode === 'fixed-rate'), ...loads.filter(({ mode }) => mode !== 'fixed-rate')]
}

const inAList = new Intl.ListFormat('en')

/** Loads of a kind that a headline has room for; of more it tells the middle one. */
const mostOfAKind = 2

function middleOfMany(loads: readonly Load[]): readonly Load[] {
  return [...new Set(loads.map(({ mode }) => mode))].flatMap((mode) => {
    const kind = loads.filter((load) => load.mode === mode)
    const sorted = [...kind].sort((a, b) => heaviness(a) - heaviness(b))
    const middle = sorted[Math.floor((sorted.length - 1) / 2)]
    return kind.length <= mostOfAKind || middle === undefined ? kind : [middle]
  })
}

const heaviness = (load: Load): number => (load.mode === 'fixed-rate' ? load.requestsPerSecond : load.connections)

function costSentence(where: string, here: readonly Estimate[], candidates: readonly Spoken[]): string[] {
  const parts = mentioned(here, candidates).flatMap((candidate) => {
    const cost = (metric: string): Estimate | undefined =>
      here.find(
        (estimate) =>
          estimate.variant === candidate.id &&
          estimate.metric === metric &&
          estimate.kind === 'cost' &&
          !candidates.some(({ id }) => id === estimate.baseline),
      )
    const app = cost('appCpuUsPerRequest')
    if (app === undefined) return []
    const queries = here.find(
      ({ variant, metric, kind }) => variant === candidate.id && metric === 'queriesPerRequest' && kind === 'absolute',
    )
    const database = cost('databaseCpuUsPerRequest')
    const rest = candidate.companions.length === 0 ? '' : withCompanions(candidate, cost('totalCpuUsPerRequest'))
    const asked =
      queries?.value === 0
        ? rest === ''
          ? ', no database'
          : `${rest}, no Postgres`
        : database === undefined
          ? `, database CPU not measured${rest}`
          : ` and ${amount(database, candidate.byTotal)} of database CPU${rest}`
    return [`${candidate.label} ${amount(app, candidate.byTotal)} of app CPU${asked}`]
  })
  return parts.length === 0 ? [] : [`${where}, authentication costs per request: ${parts.join('; ')}.`]
}

/** Redis or an auth service has no figure of its own: the total holds it. */
function withCompanions({ companions, byTotal }: Spoken, total: Estimate | undefined): string {
  const names = companions.join(' and ')
  return total === undefined ? `, CPU with its ${names} not measured` : `, ${amount(total, byTotal)} with its ${names}`
}

/** More than this many candidates are named by their ends: the first of the plan, the cheapest and the dearest other. */
const mostNamed = 3

function mentioned(here: readonly Estimate[], candidates: readonly Spoken[]): readonly Spoken[] {
  if (candidates.length <= mostNamed) return candidates
  const costOf = ({ id }: VariantRecord): number | undefined =>
    here.find(
      ({ variant, baseline, metric, kind }) =>
        variant === id && baseline === 'none' && metric === 'appCpuUsPerRequest' && kind === 'cost',
    )?.value
  const [first, ...others] = candidates
  const sorted = others
    .filter((candidate) => costOf(candidate) !== undefined)
    .sort((a, b) => (costOf(a) ?? 0) - (costOf(b) ?? 0))
  return [...new Set([first, sorted.at(0), sorted.at(-1)])].filter((candidate) => candidate !== undefined)
}

/** A total over fewer is as much chance as cost. */
const leastPeriods = 10

/**
 * Whether a variant that works on a clock of its own was measured over enough of its periods: from its first slice to
 * its last within each restart, under whatever load, because its server runs all the while. Between restarts none does.
 */
function spansPeriods({ periodic }: VariantRecord, slices: readonly Slice[]): boolean {
  if (periodic === undefined) return false
  const spans = new Map<string, { from: number; to: number }>()
  for (const slice of slices) {
    const at = Date.parse(slice.startedAt)
    const { from, to } = spans.get(restartKey(slice)) ?? { from: at, to: at }
    spans.set(restartKey(slice), { from: Math.min(from, at), to: Math.max(to, at + slice.durationMs) })
  }
  const spannedMs = [...spans.values()].reduce((sum, { from, to }) => sum + to - from, 0)
  return spannedMs >= leastPeriods * periodic.everyMs
}

/**
 * `51.2 us (±1.1)`, or that none was shown. What works on a clock of its own is rare and real: a median would leave it
 * out, so over enough periods the total comes first (docs/method.md, Bursty cost).
 */
function amount(estimate: Estimate, byTotal: boolean): string {
  const format = metricById(estimate.metric)?.format ?? String
  if (byTotal && estimate.total !== undefined) {
    return `${format(estimate.total)} ${estimate.unit} in total (median ${format(estimate.value)} ±${halfWidth(estimate)})`
  }
  const figure = `${format(estimate.value)} ${estimate.unit} (±${halfWidth(estimate)})`
  return estimate.verdict === 'no-difference-shown' ? `no difference shown, ${figure},` : figure
}

/** Two significant digits: more of an uncertainty says nothing. */
const halfWidth = ({ low, high }: Estimate): string => {
  const width = (high - low) / 2
  return width >= 10 ? Math.round(width).toLocaleString('en-US') : width >= 1 ? width.toFixed(1) : width.toFixed(2)
}

interface Compared {
  readonly where: string
  readonly here: readonly Estimate[]
  readonly missing: readonly AbsentEstimate[]
  readonly candidates: readonly VariantRecord[]
  /** Labels of those that stood in another set than the first. */
  readonly elsewhere: readonly string[]
  readonly measured: (metric: string) => string
}

function comparisonSentence({ where, here, missing, candidates, elsewhere, measured }: Compared): string[] {
  const [first, ...others] = candidates
  if (first === undefined) return []
  const of = (metric: string): Estimate[] =>
    here.filter((estimate) => estimate.metric === metric && estimate.kind === 'cost' && estimate.baseline === first.id)
  // Where the database's CPU could not be read, only the app's can be compared.
  const metric = of('totalCpuUsPerRequest').length > 0 ? 'totalCpuUsPerRequest' : 'appCpuUsPerRequest'
  const pairs = of(metric)
  const left = others.filter(
    ({ id, label }) => !elsewhere.includes(label) && !pairs.some(({ variant }) => variant === id),
  )
  const notCompared = [
    ...notComparedFor(missing, metric, left),
    ...(elsewhere.length === 0 ? [] : [`is not compared with ${elsewhere.join(', ')}, which stood in another set`]),
  ]
  if (pairs.length === 0) return notCompared.length === 0 ? [] : [`${where}, ${first.label} ${notCompared.join('; ')}.`]
  const format = metricById(metric)?.format ?? String
  const list = (verdict: (pair: Estimate) => boolean): string =>
    pairs
      .filter(verdict)
      .map((pair) => {
        const by = ` by ${format(Math.abs(pair.value))} us (±${halfWidth(pair)})`
        return labelOf(candidates, pair.variant) + (pair.verdict === 'no-difference-shown' ? '' : by)
      })
      .join(', ')
  const cheaper = list(({ verdict, value }) => verdict === 'different' && value > 0)
  const dearer = list(({ verdict, value }) => verdict === 'different' && value < 0)
  const undecided = list(({ verdict }) => verdict === 'no-difference-shown')
  // Without a twin there is no noise band, and so no verdict: neither "different" nor "no difference shown".
  const seemsCheaper = list(({ verdict, value }) => verdict === undefined && value > 0)
  const seemsDearer = list(({ verdict, value }) => verdict === undefined && value <= 0)
  const parts = [
    ...(cheaper === '' ? [] : [`is cheaper than ${cheaper}`]),
    ...(dearer === '' ? [] : [`is dearer than ${dearer}`]),
    ...(undecided === '' ? [] : [`shows no difference from ${undecided}`]),
    ...(seemsCheaper === '' ? [] : [`seems cheaper than ${seemsCheaper}`]),
    ...(seemsDearer === '' ? [] : [`seems dearer than ${seemsDearer}`]),
    ...(seemsCheaper + seemsDearer === '' ? [] : ['the twin gave no noise band to hold that against']),
    ...notCompared,
  ]
  return [`${where}, ${measured(metric)}, ${first.label} ${parts.join('; ')}.`]
}

/** `is not compared with JWT ES256 (2 of at least 3 restarts can be used)`: those without a pair, by why there is none. */
function notComparedFor(missing: readonly AbsentEstimate[], metric: string, left: readonly VariantRecord[]): string[] {
  const byReason = new Map<string, string[]>()
  for (const { id, label } of left) {
    const reason = missing.find((one) => one.variant === id && one.metric === metric)?.reason ?? 'no figure of the two'
    // Against whom is said by the sentence.
    const why = reason.replace(/^cost over .*?: /, '')
    byReason.set(why, [...(byReason.get(why) ?? []), label])
  }
  return [...byReason].map(([why, labels]) => `is not compared with ${labels.join(', ')} (${why})`)
}

const labelOf = (candidates: readonly VariantRecord[], id: string): string =>
  candidates.find((candidate) => candidate.id === id)?.label ?? id

/** `at saturation`, with its connections where a run has several such loads. */
function loadWords(loads: readonly Load[]): (load: Load) => string {
  const several = loads.filter(({ mode }) => mode === 'saturation').length > 1
  return (load) => {
    if (load.mode === 'fixed-rate') return `at ${load.requestsPerSecond.toLocaleString('en-US')} requests/s`
    if (load.mode !== 'saturation') return 'unloaded'
    return several
      ? `at saturation with ${load.connections} connection${load.connections === 1 ? '' : 's'}`
      : 'at saturation'
  }
}
