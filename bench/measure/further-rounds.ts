import type { PlannedLoad } from '../plan/planned-load.ts'
import { isValid, type Slice } from '../record/slice.ts'

/**
 * No more rounds than this share of the planned ones are added, so that a bad hour cannot make a run endless; but two even to
 * a single one, or a fifth of doubtful slices would cost every twentieth restart its figures.
 */
const mostFurther = 0.5

/** How many rounds may be added to so many. */
export const mostFurtherRounds = (planned: number): number => Math.max(2, Math.ceil(planned * mostFurther))

/**
 * Whether a block of rounds is to get one more: disturbances left some variant with fewer valid rounds beside the
 * control than planned, less one. Goes by doubts alone, never by a result, so it favours none. A variant whose every slice was
 * doubtful, three times or more, is so by its own nature and asks for nothing.
 *
 * Bad traffic is left as it is: its rounds belong to those at saturation.
 *
 * @param slices all slices of the block in this restart so far
 * @param added rounds that the block got beyond the planned ones, whether they made slices or not
 */
export function wantsFurtherRound(load: PlannedLoad, slices: readonly Slice[], added: number): boolean {
  if (load.mode === 'bad-traffic') return false
  const planned = load.rounds
  if (added >= mostFurtherRounds(planned)) return false
  const wanted = Math.max(1, planned - 1)
  const control = validRounds(slices.filter(({ role }) => role === 'control'))
  if (control.size < wanted) return true
  const variants = new Map<string, Slice[]>()
  for (const slice of slices) variants.set(slice.variant, [...(variants.get(slice.variant) ?? []), slice])
  return [...variants.values()].some((own) => {
    const valid = validRounds(own)
    if (valid.size === 0 && own.length > 2) return false
    return [...valid].filter((round) => control.has(round)).length < wanted
  })
}

const validRounds = (slices: readonly Slice[]): Set<number> => new Set(slices.filter(isValid).map(({ round }) => round))
