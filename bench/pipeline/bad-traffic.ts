import { makeBadCredentials } from '../gate/bad-credentials.ts'
import { httpSender } from '../gate/http-sender.ts'
import type { LoadDriver } from '../load/load-driver.ts'
import type { BadMix } from '../measure/driver-load.ts'
import { type BadKinds, badKindsOf } from '../plan/bad-kinds.ts'
import type { Plan } from '../plan/plan.ts'
import { checkedKey, type PlannedVariant } from '../plan/planned-variant.ts'
import type { Results } from '../record/run.ts'
import type { Admission } from './admission.ts'
import type { ServerSurroundings, StartedServer } from './started-server.ts'
import { credentialsKey } from './table-sizes.ts'

/** Of each kind: enough that no credential is met twice in a row, few enough that making them takes no time. */
const credentialsOfAKind = 64

/** Mixes of bad credentials that a plan loads with; empty where it has none. */
export const badMixesOf = ({ loads }: Plan): BadMix[] =>
  loads.flatMap((load) =>
    load.mode === 'bad-traffic' && load.rounds > 0 ? [{ badShare: load.badShare, badKind: load.kind }] : [],
  )

/** Gives the driver what the servers of a restart have to refuse, once for each variant. */
export async function giveBadCredentials(
  running: readonly { readonly first: PlannedVariant; readonly started: StartedServer }[],
  { plan, secrets }: ServerSurroundings,
  driver: LoadDriver,
): Promise<void> {
  if (badMixesOf(plan).length === 0) return
  const byCredentials = new Map(running.map((one) => [credentialsKey(one.first, plan), one]))
  await Promise.all(
    [...byCredentials].map(async ([key, { first, started }]) => {
      const [{ variant }, { server }] = [first, started]
      const { send, close } = httpSender(server.url)
      try {
        const own = secrets.get(variant.id)
        const target = {
          variant,
          issue: (request: Parameters<typeof server.issue>[0]) => server.issue(request),
          ...(own === undefined ? {} : { secrets: own }),
        }
        const credentials = await makeBadCredentials(target, send, Math.min(plan.users, credentialsOfAKind))
        await driver.setBadCredentials({ variant: key, credentials })
      } finally {
        await close()
      }
    }),
  )
}

/** What each variant is sent beside good credentials, for the record. Undefined where the plan has no bad traffic. */
export function badTrafficChecks(plan: Plan, admissions: readonly Admission[]): Results['checks']['badTraffic'] {
  if (badMixesOf(plan).length === 0) return undefined
  return admissions
    .filter(({ state }) => state === 'measured')
    .map(({ planned }) => ({ variant: checkedKey(planned), ...mutable(badKindsOf(planned.variant.traits)) }))
}

const mutable = ({ sent, leftOut }: BadKinds) => ({ sent: [...sent], leftOut: [...leftOut] })
