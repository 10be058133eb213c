import { ReferenceWork } from './reference-work.ts'
import { type FromSpeedProbe, toSpeedProbeSchema } from './speed-probe-protocol.ts'

/*
 * Process entry of the speed probe: while it is asked to, does a fixed piece of work every few milliseconds and notes the
 * CPU time it took. It ends when its channel closes, so it never outlives the harness; Ctrl-C is the harness's to decide.
 */

/** Some 50 samples in a slice of 0.25 s, for 1 % of a core. */
const everyMs = 5
/** Calls after which the work is in the code that it stays in. */
const rehearsals = 200

const work = new ReferenceWork()
for (let call = 0; call < rehearsals; call++) work.run()

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

let timer: NodeJS.Timeout | undefined
let workUs: number[] = []
let cpuAtBeginUs = 0

function sample(): void {
  const before = cpuUs()
  work.run()
  workUs.push(cpuUs() - before)
}

const answer = (message: FromSpeedProbe): void => {
  process.send?.(message)
}

process.on('message', (raw: unknown) => {
  const { type, requestId } = toSpeedProbeSchema.parse(raw)
  clearInterval(timer)
  if (type === 'begin') {
    workUs = []
    cpuAtBeginUs = cpuUs()
    timer = setInterval(sample, everyMs)
    answer({ type: 'begun', requestId })
  } else answer({ type: 'samples', requestId, workUs, cpuUs: cpuUs() - cpuAtBeginUs })
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
