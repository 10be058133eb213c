import type { VariantStyle } from './theme.ts'

/**
 * Colour and shape of a variant's points with error bars. Such elements take these options without the prefix that plain
 * points have.
 *
 * @param radius of the point, CSS pixels
 * @param width of the whiskers' lines
 */
export const pointLook = ({ shape, colour }: VariantStyle, radius: number, width: number) => ({
  pointStyle: shape,
  radius,
  backgroundColor: colour,
  borderColor: colour,
  errorBarColor: colour,
  errorBarWhiskerColor: colour,
  errorBarLineWidth: width,
  errorBarWhiskerLineWidth: width,
})
