import type { EstimateView, LoadView, ReportData, VariantView } from '../report-data.ts'
import type { Panel } from './chart-definition.ts'

export interface Wanted {
  readonly load: string
  readonly variant: string
  readonly metric: string
  readonly kind: EstimateView['kind']
  readonly quantile?: number
}

/** The estimate of a variant; costs and ratios against the control, not those of candidates against one another. */
export function findEstimate(data: ReportData, wanted: Wanted): EstimateView | undefined {
  return data.estimates.find(
    (estimate) =>
      estimate.load === wanted.load &&
      estimate.variant === wanted.variant &&
      estimate.metric === wanted.metric &&
      estimate.kind === wanted.kind &&
      estimate.quantile === wanted.quantile &&
      (estimate.baseline === undefined || roleOf(data, estimate.baseline) === 'control'),
  )
}

const roleOf = (data: ReportData, id: string): VariantView['role'] | undefined =>
  data.variants.find((variant) => variant.id === id)?.role

/** The loads in which at least one variant has the wanted figure. */
export const loadsWith = (data: ReportData, wanted: Omit<Wanted, 'load' | 'variant'>): readonly LoadView[] =>
  data.loads.filter(({ key }) =>
    data.variants.some(({ id }) => findEstimate(data, { ...wanted, load: key, variant: id }) !== undefined),
  )

/** One panel for each load in which at least one variant has something to show. */
export const panelsPerLoad = <Series>(
  data: ReportData,
  loads: readonly LoadView[],
  seriesOf: (load: LoadView, variant: VariantView) => Series | undefined,
  panelOf: (load: LoadView, series: readonly Series[]) => Panel,
): readonly Panel[] =>
  loads.flatMap((load) => {
    const series = data.variants.flatMap((variant): readonly Series[] => {
      const found = seriesOf(load, variant)
      return found === undefined ? [] : [found]
    })
    return series.length === 0 ? [] : [panelOf(load, series)]
  })

/** `51.2 ±1.1 µs`, or a dash. */
export const inWords = (estimate: Pick<EstimateView, 'valueText' | 'intervalText' | 'unit'> | undefined): string =>
  estimate === undefined ? '–' : `${estimate.valueText} ${estimate.intervalText} ${estimate.unit}`
