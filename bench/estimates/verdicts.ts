import type { NoiseBand } from '../record/estimate.ts'
import { loadKey } from '../record/slice.ts'
import { holmAdjusted } from '../statistics/holm.ts'
import type { Figure } from './figure.ts'

export interface Verdict {
  readonly adjustedP: number
  /** Absent where there is no noise band to hold the difference against. */
  readonly verdict?: 'different' | 'no-difference-shown'
}

/** Costs and ratios that are judged together: same metric, quantile, kind, load and group. */
const familyOf = ({ metric, quantile, kind, cell }: Figure): string =>
  [metric.id, quantile ?? '', kind, loadKey(cell.load), cell.group].join(' ')

/** Distance from "no difference", on the scale of the calculation: logarithms for ratios. */
const onScale = (figure: Figure, value: number): number => Math.abs(figure.kind === 'ratio' ? Math.log(value) : value)

/**
 * Holds every cost and ratio against chance (Holm-adjusted within its family, the twin apart) and against the noise
 * band (what the twin shows): `different` needs an adjusted p below 0.05 and a difference beyond the band.
 */
export function verdictsOf(figures: readonly Figure[]): {
  readonly verdicts: ReadonlyMap<Figure, Verdict>
  readonly noiseBands: NoiseBand[]
  /** Judged without a band, because the twin could not be estimated. */
  readonly withoutBand: readonly Figure[]
} {
  const families = new Map<string, Figure[]>()
  for (const figure of figures) {
    if (figure.kind === 'absolute') continue
    const family = families.get(familyOf(figure))
    if (family === undefined) families.set(familyOf(figure), [figure])
    else family.push(figure)
  }
  const verdicts = new Map<Figure, Verdict>()
  const noiseBands: NoiseBand[] = []
  const withoutBand: Figure[] = []
  for (const family of families.values()) {
    const twin = family.find(({ comparison }) => comparison.role === 'twin')
    const judged = family.filter(({ comparison }) => comparison.role !== 'twin')
    const band =
      twin === undefined ? undefined : Math.max(onScale(twin, twin.interval.low), onScale(twin, twin.interval.high))
    const [first] = judged
    if (band === undefined && first !== undefined) withoutBand.push(first)
    // A band of ratios has no unit, and one of the production group would be taken for the default's: both can be read
    // off the twin's own estimate.
    if (twin !== undefined && band !== undefined && twin.kind === 'cost' && twin.cell.group === 'default') {
      noiseBands.push({
        metric: twin.metric.id,
        ...(twin.quantile === undefined ? {} : { quantile: twin.quantile }),
        load: twin.cell.load,
        band,
      })
    }
    const adjusted = holmAdjusted(judged.map(({ interval }) => interval.p))
    judged.forEach((figure, i) => {
      const adjustedP = adjusted[i] ?? 1
      if (band === undefined) verdicts.set(figure, { adjustedP })
      else {
        const different = adjustedP < 0.05 && onScale(figure, figure.interval.value) > band
        verdicts.set(figure, { adjustedP, verdict: different ? 'different' : 'no-difference-shown' })
      }
    })
  }
  return { verdicts, noiseBands, withoutBand }
}
