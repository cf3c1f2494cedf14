/** What one request to AWS came to, for metrics. Measured inside the SDK's own pipeline, so its retries are seen too. */
import type { Failure } from '@ecs-drain/core'
import type { MetadataBearer, Pluggable } from '@smithy/types'
import { isConditionNotHeld, meaningOf } from '../failure/error-meanings.ts'

/** The services that are called, by the names that IAM uses. */
export type AwsService = 'ecs' | 'autoscaling' | 'dynamodb' | 'sqs'

/**
 * One request and its answer, attempts of the SDK included. A call of a port is one request, but for those of the event
 * store, which may be several.
 */
export interface CallReport {
  readonly service: AwsService
  /** AWS's name of the operation: `ListTasks`, `PutItem`. */
  readonly operation: string
  /** How often it was sent, or was about to be when it was cut off; 0 where it never came to that, as without credentials. */
  readonly attempts: number
  /** How many of the attempts were throttled. */
  readonly throttled: number
  /**
   * What it came to, null where it was answered. The condition of a write that does not hold (`ConditionalCheckFailed`)
   * is an answer.
   */
  readonly failure: Failure['type'] | null
  /** From the moment it was asked for to its end, waits for a connection and between attempts included. */
  readonly milliseconds: number
}

interface Counted {
  attempts: number
  throttled: number
}

/**
 * Counts the attempts of each call, and makes the SDK treat as throttling what the table of errors calls so: its own list lacks some
 * codes. The innermost step sees each attempt, the outermost the call as a whole; the context is what they share.
 */
export const callReporting = <Input extends object, Output extends MetadataBearer>(
  service: AwsService,
  onCall: (call: CallReport) => void,
): Pluggable<Input, Output> => ({
  applyToStack: (stack) => {
    const counts = new WeakMap<object, Counted>()
    stack.add(
      (next, context) => async (args) => {
        const counted: Counted = { attempts: 0, throttled: 0 }
        counts.set(context, counted)
        const startedAt = performance.now()
        const report = (failure: Failure['type'] | null): void => {
          const operation = String(context['commandName']).replace(/Command$/, '')
          const milliseconds = performance.now() - startedAt
          onCall({ service, operation, ...counted, failure, milliseconds })
        }
        try {
          const result = await next(args)
          report(null)
          return result
        } catch (thrown) {
          report(isConditionNotHeld(thrown) ? null : meaningOf(thrown))
          throw thrown
        }
      },
      { step: 'initialize', name: 'ecsDrainCallReport', priority: 'high' },
    )
    stack.add(
      (next, context) => async (args) => {
        const counted = counts.get(context)
        if (counted !== undefined) counted.attempts += 1
        try {
          return await next(args)
        } catch (thrown) {
          if (thrown instanceof Error && meaningOf(thrown) === 'Throttled') {
            Object.assign(thrown, { $retryable: { throttling: true } })
            if (counted !== undefined) counted.throttled += 1
          }
          throw thrown
        }
      },
      // Outside the deserializer, which throws the service's errors, and inside the retries.
      { step: 'deserialize', name: 'ecsDrainAttempts', priority: 'high' },
    )
  },
})
