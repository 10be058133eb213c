import type { VariantView } from '../report-data.ts'

/** Point shapes that chart.js and the legend's keys both draw. */
export type Shape = 'circle' | 'rect' | 'triangle' | 'rectRot' | 'crossRot' | 'star' | 'cross'

export interface VariantStyle {
  readonly colour: string
  readonly dash: readonly number[]
  readonly shape: Shape
}

export interface Theme {
  readonly paper: string
  readonly ink: string
  readonly muted: string
  readonly rule: string
  readonly band: string
  readonly app: string
  readonly database: string
  /** Redis or an auth service. */
  readonly companions: string
  /** Of a step's parts: reading the credential, what comes before the signature or the look-up, and claims. */
  readonly reading: string
  readonly checking: string
  readonly judging: string
  variant(view: Pick<VariantView, 'style'>): VariantStyle
}

/** After Okabe & Ito, "Color Universal Design"; darkened on white (lightened on black) to a contrast of at least 3:1. */
const light = ['#5c636b', '#8b929a', '#0072b2', '#d55e00', '#007a5a', '#a8528a', '#8a6a00', '#2f86b8', '#3d3d3d']
const dark = ['#aab1ba', '#7f8791', '#56b4e9', '#f08a45', '#35c298', '#e29ac4', '#e3c33c', '#8fb5ff', '#ffffff']
const dashes: readonly (readonly number[])[] = [[2, 2], [6, 3, 2, 3], [], [8, 3], [3, 3], [10, 3, 3, 3], [1, 3]]
const shapes: readonly Shape[] = ['cross', 'star', 'circle', 'rectRot', 'triangle', 'rect', 'crossRot']

/** Colour, dash and shape of a variant: the same in every chart, distinguishable without colour. */
const styleOf =
  (colours: readonly string[]) =>
  ({ style }: Pick<VariantView, 'style'>): VariantStyle => {
    const cycle = <T>(values: readonly T[], fallback: T): T =>
      (style < values.length ? values[style] : values[2 + ((style - 2) % (values.length - 2))]) ?? fallback
    return { colour: cycle(colours, '#000000'), dash: cycle(dashes, []), shape: cycle(shapes, 'circle') }
  }

export const lightTheme: Theme = {
  paper: '#ffffff',
  ink: '#16191d',
  muted: '#565d66',
  rule: '#e1e4e8',
  band: 'rgba(86, 93, 102, 0.16)',
  app: '#3a72a6',
  database: '#c67c0e',
  companions: '#c46fa6',
  reading: '#5c636b',
  checking: '#007a5a',
  judging: '#a8528a',
  variant: styleOf(light),
}

export const darkTheme: Theme = {
  paper: '#14171a',
  ink: '#e8eaed',
  muted: '#a3abb5',
  rule: '#2b3036',
  band: 'rgba(163, 171, 181, 0.16)',
  app: '#6ea8dc',
  database: '#d9a441',
  companions: '#b5679f',
  reading: '#aab1ba',
  checking: '#35c298',
  judging: '#e29ac4',
  variant: styleOf(dark),
}
