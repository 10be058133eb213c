import { execFileSync } from 'node:child_process'
import { defaultWarmUp, patientWarmUp, type WarmUpOptions } from '../measure/warm-up.ts'
import type { Plan } from '../plan/plan.ts'
import type { Slice } from '../record/slice.ts'

const earlyCompiler = '--invocation-count-for-turbofan=1000'

/**
 * What measured servers run with. Each flag only brings forward what a server that has answered for a while has come to by
 * itself (docs/method.md, Traps 2, 10 and 15).
 */
const wanted: readonly string[] = [
  // A server that idles before its first load stays up to 25 % dearer for good otherwise.
  '--no-memory-reducer',
  // The young generation grows to this size step by step, at 10,000 requests or at 80,000, and each step costs 60 ms of new pages.
  '--min-semi-space-size=16',
  // From Node 22 on the last compiler comes after 3000 calls of a function: 8,000 to 17,000 requests.
  earlyCompiler,
]

/** Node 20 has no such counter, and a flag that a Node does not know keeps it from starting. */
export function knownNodeFlags(flags: readonly string[], v8Options: string): string[] {
  return flags.filter((flag) => {
    const name = flag.replace(/^--(no-)?/, '').replace(/=.*$/, '')
    return new RegExp(`^ +--(no-)?${name} `, 'm').test(v8Options)
  })
}

let known: readonly string[] | undefined

/** Asks Node once, some 0.1 s. */
function measuringNodeFlags(): readonly string[] {
  known ??= knownNodeFlags(
    wanted,
    execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  return known
}

/** Of whatever a run measures. */
export const nodeFlagsOf = (
  { keepNodeFlags }: Pick<Plan, 'keepNodeFlags'>,
  group: Slice['group'] = 'default',
): readonly string[] => (keepNodeFlags || group === 'production' ? [] : measuringNodeFlags())

/** How servers that run with these flags are warmed up. */
export const warmUpOf = (plan: Pick<Plan, 'keepNodeFlags'>, group?: Slice['group']): WarmUpOptions =>
  measuringNodeFlags().includes(earlyCompiler) && !nodeFlagsOf(plan, group).includes(earlyCompiler)
    ? patientWarmUp
    : defaultWarmUp
