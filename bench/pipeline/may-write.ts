import { lifecycleRestarts, type Plan, plannedVariants } from '../plan/plan.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'

/** Session tables say whether they are written to; an opaque credential without such a table is a library's own affair. */
export const mayWrite = ({ variant }: PlannedVariant): boolean =>
  variant.sessionLayout === undefined
    ? variant.needs.includes('postgres') && variant.traits.form === 'opaque'
    : variant.sessionLayout.store === 'postgres' && variant.sessionLayout.written

/** Whether its restarts leave sessions or tokens in the tables, which would be in the way of the next. */
export const leavesCredentials = (plan: Plan): boolean =>
  // Without a session or a token nobody writes anything that could expire.
  plannedVariants(plan).some(({ variant }) => variant.needs.includes('postgres')) &&
  (lifecycleRestarts(plan) > 0 ||
    plan.purpose === 'tune-token' ||
    plan.loads.some(({ mode }) => mode === 'bad-traffic') ||
    plannedVariants(plan).some(mayWrite))
