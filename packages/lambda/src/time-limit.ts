/**
 * Lambda ends a function whose time is up, and then nobody is told what it had done: its whole batch comes back. So it ends by
 * itself a little before, with what is under way cut off, because nothing may be left running when it answers.
 */
import { type Duration, seconds } from '@ecs-drain/core'

/** The time of an invocation. One is handled at a time, so one of these does for all of an environment. */
export interface TimeLimit {
  /** An invocation begins, for which Lambda leaves so long. */
  readonly begin: (left: Duration) => void
  /** Whether no call may begin any more, but to record what is known. */
  readonly isUp: () => boolean
  /** What cuts off the requests to a service: to DynamoDB last, because until then it is recorded what the others came to. */
  readonly signalOf: (service: string) => AbortSignal
}

/**
 * How long before Lambda's end the calls are cut off, and the event store. In between it is recorded what the calls came to. The wait of
 * the SDK before another attempt is not cut off, only the attempt, so each is longer than the longest wait.
 */
export const cutOffBefore = { calls: seconds(5), eventStore: seconds(2.5) } as const

/** Of a short time the first of them is no more than this part, and the other as much less. */
export const partMost = 0.25

/** The limit of one environment; it is not running yet. */
export const timeLimit = (): TimeLimit => {
  let calls = new AbortController()
  let eventStore = new AbortController()
  let timers: ReadonlyArray<NodeJS.Timeout> = []
  return {
    begin: (left) => {
      for (const timer of timers) clearTimeout(timer)
      const part = Math.min(1, (left * partMost) / cutOffBefore.calls)
      calls = new AbortController()
      eventStore = new AbortController()
      timers = [
        abortedAfter(left - part * cutOffBefore.calls, calls),
        abortedAfter(left - part * cutOffBefore.eventStore, eventStore),
      ]
    },
    isUp: () => calls.signal.aborted,
    signalOf: (service) => (service === 'dynamodb' ? eventStore : calls).signal,
  }
}

/** Nobody waits for it where all is answered before. */
const abortedAfter = (wait: Duration, controller: AbortController): NodeJS.Timeout =>
  setTimeout(() => controller.abort(), wait).unref()
