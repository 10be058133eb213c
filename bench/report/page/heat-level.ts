import type { HeatCell, HeatMapView } from '../tuning-view.ts'

/** Up to how many times worse than the best of its column a cell is, from the strongest colour to the second palest. */
export const heatBounds = [1.05, 1.1, 1.25, 1.5, 2] as const

/**
 * The colour of each cell: 0 the strongest (as good as the best of the column) to 5 the palest; undefined where a cell
 * has no figure. Columns are compared within themselves: more connections wait longer in any pool, which says nothing
 * about pools.
 */
export function heatLevels({ cells, better }: Pick<HeatMapView, 'cells' | 'better'>): (number | undefined)[][] {
  const figureIn = (cell: HeatCell | undefined): number | undefined =>
    cell === undefined || 'absent' in cell ? undefined : cell.value
  return cells.map((row) =>
    row.map((cell, column) => {
      const value = figureIn(cell)
      if (value === undefined) return undefined
      const others = cells.map((other) => figureIn(other[column])).filter((other) => other !== undefined)
      const worse = better === 'higher' ? Math.max(...others) / value : value / Math.min(...others)
      const level = heatBounds.findIndex((bound) => worse <= bound)
      return level === -1 ? heatBounds.length : level
    }),
  )
}
