import type { ResolvedVariant } from '../../servers/contract/strategy.ts'
import type { Slice } from '../record/slice.ts'
import { type Deployment, deploymentLabel, instancesOf, processKey } from './deployment.ts'

/** A variant in its part: `key` names it in slices, where the twin is `none#twin`. */
export interface PlannedVariant {
  readonly key: string
  readonly role: Slice['role']
  readonly variant: ResolvedVariant
  /** Where and how its server runs, where the plan varies that; the key tells it (`session@pool=2`). */
  readonly deployment?: Deployment
}

export const controlKey = 'none'
export const twinKey = 'none#twin'

/** What is checked once for a variant, however often it is deployed, is kept under this key. */
export const checkedKey = ({ key, role, variant }: PlannedVariant): string => (role === 'candidate' ? variant.id : key)

/** Each variant once, as it is checked: without its deployments. */
export function checkedVariants(planned: readonly PlannedVariant[]): PlannedVariant[] {
  const byKey = new Map<string, PlannedVariant>()
  for (const one of planned) {
    const key = checkedKey(one)
    if (!byKey.has(key)) byKey.set(key, { key, role: one.role, variant: one.variant })
  }
  return [...byKey.values()]
}

/** What the report calls it: `Session, pool 2`. */
export function plannedLabel({ role, variant, deployment }: PlannedVariant): string {
  if (role === 'twin') return `${variant.label} (twin)`
  return deployment === undefined ? variant.label : `${variant.label}, ${deploymentLabel(deployment)}`
}

/** Variants by the process (of several instances: the processes) they could share: by what cannot be changed in a live server. Control and twin have one each. */
export function processGroups(variants: readonly PlannedVariant[]): Map<string, PlannedVariant[]> {
  const groups = new Map<string, PlannedVariant[]>()
  for (const planned of variants) {
    const key = planned.role === 'candidate' ? processKey(planned.variant.id, planned.deployment) : planned.key
    groups.set(key, [...(groups.get(key) ?? []), planned])
  }
  return groups
}

/** How many processes serve a group at a time: its app instances, which its variants have in common. */
export const processesOf = ([first]: readonly PlannedVariant[]): number => instancesOf(first?.deployment)
