import type { PlannedVariant } from '../plan/planned-variant.ts'

/** Session tables say whether they are written to; an opaque credential without such a table is a library's own affair. */
export const mayWrite = ({ variant }: PlannedVariant): boolean =>
  variant.sessionLayout === undefined
    ? variant.needs.includes('postgres') && variant.traits.form === 'opaque'
    : variant.sessionLayout.store === 'postgres' && variant.sessionLayout.written
