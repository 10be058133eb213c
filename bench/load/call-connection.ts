import { DurationRecorder } from '../../servers/contract/duration-recorder.ts'
import { AwakeLoop } from './awake.ts'
import type { CallsResult } from './protocol.ts'
import { RawConnection, type RawResponse } from './raw-connection.ts'
import { nowNs } from './window.ts'

/** Three significant digits, as for all latencies of the driver. */
const latencySubBucketBits = 10

/**
 * One keep-alive connection for calls that differ from one another (login, refresh, logout): sent one after the other,
 * each when the last is answered, with the driver kept awake as in every window.
 */
export class CallConnection {
  readonly #connection: RawConnection

  private constructor(connection: RawConnection) {
    this.#connection = connection
  }

  static async open(url: string): Promise<CallConnection> {
    return new CallConnection(await RawConnection.open(url))
  }

  async send(requests: readonly Buffer[], keepAnswers: boolean): Promise<CallsResult> {
    const latency = new DurationRecorder(latencySubBucketBits)
    const answers: RawResponse[] = []
    const awake = new AwakeLoop()
    let answered = 0
    let failures = 0
    let sumNs = 0
    const startedAt = new Date().toISOString()
    const startNs = nowNs()
    try {
      await new Promise<void>((resolve, reject) => {
        let sentNs = nowNs()
        const next = (): void => {
          const request = requests[answered]
          if (request === undefined) {
            resolve()
            return
          }
          sentNs = nowNs()
          this.#connection.send(request)
        }
        this.#connection.listen((response) => {
          const tookNs = nowNs() - sentNs
          latency.record(tookNs)
          sumNs += tookNs
          answered++
          if (response.status < 200 || response.status > 299) failures++
          if (keepAnswers) answers.push(response)
          next()
        }, reject)
        awake.start(() => answered)
        next()
      })
    } finally {
      awake.stop()
    }
    return {
      startedAt,
      durationMs: Math.max((nowNs() - startNs) / 1e6, 1e-3),
      failures,
      latency: { counts: latency.counts(), meanNs: sumNs / Math.max(1, answered) },
      answers: answers.map(({ status, head, body }) => ({ status, cookies: cookiesOf(head), body })),
    }
  }

  async close(): Promise<void> {
    this.#connection.close()
  }
}

const cookiesOf = (head: string): string[] =>
  head.split('\r\n').flatMap((line) => {
    const [, value] = /^set-cookie: *(.*)$/i.exec(line) ?? []
    return value === undefined ? [] : [value]
  })
