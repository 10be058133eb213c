import { atReferenceSpeed } from '../estimates/at-reference-speed.ts'
import { companionsInTotal } from '../estimates/companions.ts'
import { firstToldLoad, headline } from '../estimates/headline.ts'
import { metricById } from '../metrics/table.ts'
import type { Estimate } from '../record/estimate.ts'
import { checkedId, type Results } from '../record/run.ts'
import { isValid, type Slice } from '../record/slice.ts'
import { anyQuantileNs } from '../statistics/histogram.ts'
import { commandReports } from './command-reports.ts'
import { companionCostViews } from './companion-costs.ts'
import { labelIn } from './companion-label.ts'
import { logDistribution, mergeRecorded, percentileCurve } from './distribution.ts'
import { extraSections } from './extra-sections.ts'
import { environmentFacts, leadText, methodFacts, stateNote } from './facts.ts'
import { estimateUnit, figureText, valueText, withMicroSign } from './figure-text.ts'
import { loadShort, loadsInUse, viewKey } from './load-view.ts'
import type { CurveView, DistributionView, EstimateView, GateView, ReportData, SlicePoint } from './report-data.ts'
import { reportHeading } from './report-heading.ts'
import { revocationViews } from './revocation.ts'
import { runSections } from './run-sections.ts'
import { figureName, labelOf, noiseBandFacts, oncePerCheck, pairSections, propertySection } from './sections.ts'
import { steadyCostViews } from './steady-cost.ts'

/** What the page draws every slice of. */
const pointMetrics = ['appCpuUsPerRequest', 'databaseCpuUsPerRequest', 'requestsPerSecond'] as const

/**
 * Reduces results to what the page shows: histograms become curves and distributions, slices become points, everything
 * is worded. Some hundred kilobytes where results.json has tens of megabytes.
 */
export function project(results: Results): ReportData {
  const note = stateNote(results)
  const { curves, distributions } = merged(results)
  const { calibration, micro, tuning, token, ownHeadline } = commandReports(results)
  const told = firstToldLoad(results)
  return {
    title: `${reportHeading(results)}: ${results.run.id}`,
    heading: reportHeading(results),
    lead: leadText(results),
    state: results.run.state,
    ...(note === undefined ? {} : { stateNote: note }),
    headline: ownHeadline ?? headline(results).map(withMicroSign),
    ...(calibration === undefined ? {} : { calibration: calibration.view }),
    ...(micro === undefined ? {} : { micro: micro.view }),
    ...(tuning === undefined ? {} : { tuning: tuning.view }),
    ...(token === undefined ? {} : { tokenTuning: token.view }),
    loads: loadsInUse(results).map(({ view }) => view),
    ...(ownHeadline !== undefined || told === undefined ? {} : { opensAt: viewKey(told) }),
    variants: variantViews(results),
    estimates: estimateViews(results),
    steadyCosts: steadyCostViews(results),
    companions: companionsInTotal(results),
    companionCosts: companionCostViews(results),
    sections: runSections(results),
    // The pools of a sweep are held against the best of them, not against whichever comes first.
    pairwise: tuning === undefined ? pairSections(results) : [],
    properties: propertySection(results),
    extras: extraSections(results),
    revocation: revocationViews(results),
    absent: results.absent.map(({ variant, metric, quantile, load, reason }) => ({
      label: labelOf(results, variant),
      figure: figureName(metric, quantile),
      load: loadShort(load),
      reason,
    })),
    noiseBands: noiseBandFacts(results),
    curves,
    distributions,
    slices: slicePoints(results),
    warnings: results.warnings.map(({ severity, message, remedy, variant }) => ({
      severity,
      message,
      remedy,
      about: variant === undefined ? '' : labelOf(results, variant),
    })),
    gate: gateViews(results),
    attacks: [...new Set(results.checks.gate.map(({ attack }) => attack))],
    environment: environmentFacts(results),
    method: methodFacts(results),
  }
}

function variantViews(results: Results): ReportData['variants'] {
  let candidates = 0
  return results.plan.variants.map((variant) => ({
    id: variant.id,
    label: variant.label,
    role: variant.role,
    checked: checkedId(variant),
    style: variant.role === 'control' ? 0 : variant.role === 'twin' ? 1 : 2 + candidates++,
  }))
}

function estimateViews(results: Results): readonly EstimateView[] {
  return results.estimates.map((estimate) => ({
    variant: estimate.variant,
    ...(estimate.baseline === undefined ? {} : { baseline: estimate.baseline }),
    metric: estimate.metric,
    metricLabel: labelIn(results, estimate.metric),
    ...(estimate.quantile === undefined ? {} : { quantile: estimate.quantile }),
    unit: estimateUnit(estimate),
    kind: estimate.kind,
    load: viewKey(estimate.load, estimate.group),
    value: estimate.value,
    low: estimate.low,
    high: estimate.high,
    ...textOf(estimate),
    confidence: estimate.confidence,
    ...(estimate.verdict === undefined ? {} : { verdict: estimate.verdict }),
    ...(estimate.adjustedP === undefined ? {} : { adjustedP: estimate.adjustedP }),
    method: estimate.method,
    restarts: estimate.restarts,
    rounds: estimate.rounds,
    ...(estimate.total === undefined ? {} : { totalText: valueText(estimate, estimate.total) }),
  }))
}

const textOf = (estimate: Estimate): Pick<EstimateView, 'valueText' | 'intervalText'> => {
  const { value, interval } = figureText(estimate)
  return { valueText: value, intervalText: interval === '' ? '±0' : interval }
}

/** Response times of all valid slices of a variant and load, merged: for the shape; intervals come from restarts. */
function merged(results: Results): { curves: readonly CurveView[]; distributions: readonly DistributionView[] } {
  const curves: CurveView[] = []
  const distributions: DistributionView[] = []
  const bySeries = new Map<string, Slice[]>()
  for (const slice of results.slices.filter(isValid)) {
    const series = `${viewKey(slice.load, slice.group)} ${slice.variant}`
    const slices = bySeries.get(series)
    if (slices === undefined) bySeries.set(series, [slice])
    else slices.push(slice)
  }
  for (const use of loadsInUse(results)) {
    // Refusals among answers, or nothing else: no response time that anybody waits for.
    if (use.load.mode === 'bad-traffic') continue
    for (const { id } of results.plan.variants) {
      const slices = bySeries.get(`${use.view.key} ${id}`)
      if (slices === undefined) continue
      const histogram = mergeRecorded(slices.map(({ latency }) => latency))
      const points = percentileCurve(histogram)
      const common = { load: use.view.key, variant: id, responses: histogram.count }
      if (points.length < 2) continue
      curves.push({ ...common, points })
      distributions.push({
        ...common,
        medianUs: (anyQuantileNs(histogram, 0.5) ?? 0) / 1000,
        bins: logDistribution(histogram),
      })
    }
  }
  return { curves, distributions }
}

function slicePoints(results: Results): readonly SlicePoint[] {
  const sources = pointMetrics.flatMap((id) => {
    const source = metricById(id)?.source
    return source?.kind === 'slice' ? [{ id, value: source.value }] : []
  })
  const orders = new Map<string, number>()
  return atReferenceSpeed(results).map((slice) => {
    const load = viewKey(slice.load, slice.group)
    const order = orders.get(load) ?? 0
    orders.set(load, order + 1)
    const values: Record<string, number> = {}
    for (const { id, value } of sources) {
      const figure = slice.requests > 0 ? value(slice) : undefined
      if (typeof figure === 'number' && Number.isFinite(figure)) values[id] = Number(figure.toPrecision(5))
    }
    return {
      load,
      variant: slice.variant,
      set: slice.set,
      restart: slice.restart,
      round: slice.round,
      order,
      values,
      doubts: slice.doubts.map(({ code, detail }) => `${code}: ${detail}`),
    }
  })
}

function gateViews(results: Results): readonly GateView[] {
  return oncePerCheck(results.plan.variants).map(({ id, label, state }) => {
    const checks = results.checks.gate.filter(({ variant }) => variant === id)
    return {
      variant: id,
      label,
      passed: checks.filter(({ passed }) => passed).length,
      total: checks.length,
      failed: checks.filter(({ passed }) => !passed).map(({ attack }) => attack),
      unguarded: (results.checks.unguarded ?? []).flatMap(({ variant, attacks }) => (variant === id ? attacks : [])),
      ...(state === 'measured' ? {} : { leftOut: state.leftOut }),
    }
  })
}
