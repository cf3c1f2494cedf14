/** The core's WakeUps port over SQS: a delayed message to the queue that the notices come from. */
import { type Clock, encodeWakeUp, minutes, seconds, type WakeUps } from '@ecs-drain/core'
import { AdapterFailure, attempt } from '../failure/failure.ts'
import type { SqsCalls } from './sqs-calls.ts'

/** The longest delay that SQS knows, 900 seconds. */
const delayMax = minutes(15)

/**
 * Messages to the queue at `queueUrl`, a standard one. With null every call fails, so a policy over it must have
 * `hopsMax: 0`: without wake-ups all waiting is left to the sweep.
 */
export const sqsWakeUps = (sqs: SqsCalls, queueUrl: string | null, clock: Clock): WakeUps => ({
  send: ({ stream, at, hops }) =>
    attempt({ action: 'sqs:SendMessage', resource: queueArn(queueUrl) }, async () => {
      if (queueUrl === null) throw new AdapterFailure(noQueue)
      const delay = Math.min(Math.max(at - clock.now(), 0), delayMax)
      await sqs.sendMessage({
        QueueUrl: queueUrl,
        MessageBody: encodeWakeUp(stream, hops),
        // Rounded up: a message that came too soon would only have to be sent again.
        DelaySeconds: Math.ceil(delay / seconds(1)),
      })
      return null
    }),
})

const noQueue = {
  type: 'Rejected',
  code: 'NoQueue',
  message: 'no queue for wake-ups is configured; set queueUrl, or hopsMax: 0 in the policy',
} as const

const queueArn = (queueUrl: string | null): string => `arn:*:sqs:*:*:${queueUrl?.split('/').at(-1) ?? '*'}`
