import { DurationRecorder } from '../contract/duration-recorder.ts'

/** What one server counts about `/me`. Plain fields: two increments and one record are all a request pays. */
export class RequestCounters {
  /** Requests whose authentication has begun. */
  begun = 0
  /** Requests that have been answered, whatever the status. */
  answered = 0
  /** Those of them answered 401 or 503. */
  refused = 0
  /** From the first hook to the handler. */
  readonly authStep = new DurationRecorder()

  get inFlight(): number {
    return this.begun - this.answered
  }
}
