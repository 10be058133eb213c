import { type Deployment, deployedId } from '../plan/deployment.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'

/** Where a table of sessions has another size than the plan's: the schema it lies in, by its rows. */
export type SchemasBySessions = ReadonlyMap<number, string>

/**
 * The schema that a server works in. Each size of table has a schema of its own, with everything else in it as well, so
 * that no strategy needs to know of sizes.
 */
export const schemaOf = (
  { sessions }: Deployment,
  schemas: { readonly databaseSchema: string; readonly schemasBySessions?: SchemasBySessions },
): string => (sessions === undefined ? undefined : schemas.schemasBySessions?.get(sessions)) ?? schemas.databaseSchema

/** By which the driver knows the credentials of a server: which session a user sends depends on how many there are. */
export const credentialsKey = (
  { variant, deployment }: Pick<PlannedVariant, 'variant' | 'deployment'>,
  { sessions: usual }: Pick<Plan, 'sessions'>,
): string => {
  const { sessions = usual } = deployment ?? {}
  return sessions === usual ? variant.id : deployedId(variant.id, { sessions })
}
