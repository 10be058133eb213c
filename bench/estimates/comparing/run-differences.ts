import type { Results } from '../../record/run.ts'

/** Something in which two runs were not alike. */
export interface RunDifference {
  readonly what: string
  readonly before: string
  readonly after: string
  /** Whether figures can be compared nevertheless: what a change of it does is often the very question. */
  readonly comparable: boolean
}

/** What was not alike in two runs, in the order in which a reader wants to know it. */
export function runDifferences(earlier: Results, later: Results): RunDifference[] {
  const [before, after] = [aspectsOf(earlier), aspectsOf(later)]
  const differences = Object.keys(before).flatMap((what) => {
    const [one, other] = [before[what], after[what]]
    if (one === undefined || other === undefined || one.value === other.value) return []
    return [{ what, before: one.value, after: other.value, comparable: one.comparable }]
  })
  return [...differences, ...coreSpeedDifference(earlier, later)]
}

/** Of the same CPU at its fastest: below, two runs of a quiet machine differ as well. */
const noticeablySlower = 1.1

/**
 * A run whose cores were disturbed all the time takes the best of that for an undisturbed core, and nothing in it says so; beside another it
 * shows. Shares of the control are compared all the same: they hold most of it, and a look-up a little more.
 */
function coreSpeedDifference(earlier: Results, later: Results): RunDifference[] {
  const [before, after] = [fastestWorkUs(earlier), fastestWorkUs(later)]
  if (before === undefined || after === undefined) return []
  if (Math.max(before, after) < noticeablySlower * Math.min(before, after)) return []
  const text = (us: number) => `${us.toFixed(0)} us`
  return [
    {
      what: 'the best speed of the cores (time of a fixed piece of work)',
      before: text(before),
      after: text(after),
      comparable: true,
    },
  ]
}

const fastestWorkUs = ({ coreSpeed }: Results): number | undefined =>
  coreSpeed === undefined || 'absent' in coreSpeed ? undefined : (coreSpeed.fastestWorkUs ?? coreSpeed.referenceWorkUs)

function aspectsOf(results: Results): Readonly<Record<string, { value: string; comparable: boolean } | undefined>> {
  const { environment, plan, tool } = results
  const { machine, node, postgres, redis, pinning } = environment
  const must = (value: unknown) => ({ value: textOf(value), comparable: false })
  const may = (value: unknown) => ({ value: textOf(value), comparable: true })
  return {
    platform: must(`${machine.platform} ${machine.arch}`),
    'CPU model': must(machine.cpuModel),
    'logical CPUs': must(machine.logicalCpus),
    pinning: must('absent' in pinning ? 'none' : pinning),
    'kind of Postgres': must(postgres.kind),
    'route to Postgres': must(postgres.route),
    'kind of Redis': redis && must(redis.kind),
    'route to Redis': redis && must(redis.route),
    'pool size': must(plan.poolSize),
    'rows of sessions': must(plan.sessions),
    users: must(plan.users),
    popularity: must(plan.popularity.exponent),
    "Node's own flags": must(plan.keepNodeFlags),
    kernel: may(machine.kernel),
    'Node flags': may(node.flags.join(' ')),
    Node: may(node.version),
    Postgres: may(postgres.version),
    'settings of Postgres': may(changedSettings(postgres.settings)),
    Redis: redis && may(`${redis.product} ${redis.version}`),
    authcost: may(tool.version),
    packages: may(changedSettings(environment.packages)),
    profile: may(plan.profile),
    'slice, ms': may(plan.sliceMs),
  }
}

const changedSettings = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .sort()
    .join(', ')

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
