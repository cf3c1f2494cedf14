/** Operations of SQS on queues. */
import { operation } from '../operation.ts'
import { pageOf } from '../page-token.ts'
import { integer, listOf, text, textUpTo, wordElse } from '../wire/shape.ts'
import { bytesMost, retentionSeconds } from './limits.ts'
import { noSuchQueue, queueAt, urlOf } from './queue-names.ts'

export const getQueueUrl = operation({
  name: 'GetQueueUrl',
  says: 'Of the inbox or the dead-letter queue.',
  input: { QueueName: textUpTo(80), QueueOwnerAWSAccountId: text },
  needed: ['QueueName'],
  errors: ['QueueDoesNotExist'],
  isGated: false,
  answer: ({ session }, { QueueName, QueueOwnerAWSAccountId: owner }) => {
    const { account } = session.world.directory
    const isOurs = owner === undefined || owner === account
    const queue = isOurs ? session.queues.find(({ settings }) => settings.name === QueueName) : undefined
    if (queue === undefined) throw noSuchQueue()
    return { QueueUrl: urlOf(session, queue) }
  },
})

export const listQueues = operation({
  name: 'ListQueues',
  says: 'The inbox and the dead-letter queue.',
  input: { QueueNamePrefix: text, NextToken: text, MaxResults: integer(1, 1000) },
  isGated: false,
  answer: ({ session }, { QueueNamePrefix = '', NextToken, MaxResults = 1000 }) => {
    const queues = session.queues.filter(({ settings }) => settings.name.startsWith(QueueNamePrefix))
    const page = pageOf(queues, (queue) => session.queues.indexOf(queue), {
      list: JSON.stringify(['ListQueues', QueueNamePrefix]),
      token: NextToken,
      size: MaxResults,
      refusal: 'InvalidParameterValueException',
    })
    // None found: AWS leaves the member out.
    if (page.items.length === 0) return {}
    return { QueueUrls: page.items.map((queue) => urlOf(session, queue)), NextToken: page.nextToken }
  },
})

/** Attributes of a standard queue that these two have no value for. */
const notSet = ['Policy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds'] as const

export const getQueueAttributes = operation({
  name: 'GetQueueAttributes',
  says: 'Counts, timeouts, the ARN and the redrive policy; what is not set is left out. The counts are exact here.',
  input: {
    QueueUrl: text,
    AttributeNames: listOf(
      wordElse(
        'InvalidAttributeName',
        'All',
        'QueueArn',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
        'VisibilityTimeout',
        'RedrivePolicy',
        'DelaySeconds',
        'ReceiveMessageWaitTimeSeconds',
        'MaximumMessageSize',
        'MessageRetentionPeriod',
        'CreatedTimestamp',
        'LastModifiedTimestamp',
        'SqsManagedSseEnabled',
        ...notSet,
      ),
    ),
  },
  needed: ['QueueUrl'],
  errors: ['QueueDoesNotExist', 'InvalidAttributeName'],
  isGated: false,
  answer: ({ session }, { QueueUrl, AttributeNames = [] }) => {
    const queue = queueAt(session, QueueUrl)
    const { arn, visibilityTimeoutSeconds, redrive } = queue.settings
    const { visible, inFlight, delayed } = queue.counts(session.world.now)
    const created = String(session.world.startMs / 1000)
    const all: Readonly<Record<string, string | undefined>> = {
      QueueArn: arn,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      VisibilityTimeout: String(visibilityTimeoutSeconds),
      RedrivePolicy:
        redrive === null
          ? undefined
          : JSON.stringify({ deadLetterTargetArn: redrive.to.settings.arn, maxReceiveCount: redrive.maxReceiveCount }),
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
      MaximumMessageSize: String(bytesMost),
      MessageRetentionPeriod: String(retentionSeconds),
      CreatedTimestamp: created,
      LastModifiedTimestamp: created,
      // As every queue that was made without a key of its own.
      SqsManagedSseEnabled: 'true',
    }
    const asked = Object.entries(all).filter(
      ([name, value]) => value !== undefined && AttributeNames.some((wanted) => wanted === 'All' || wanted === name),
    )
    return asked.length === 0 ? {} : { Attributes: Object.fromEntries(asked) }
  },
})

export const purgeQueue = operation({
  name: 'PurgeQueue',
  says: 'Deletes all messages that have arrived, at once; once in 60 s.',
  input: { QueueUrl: text },
  needed: ['QueueUrl'],
  errors: ['QueueDoesNotExist', 'PurgeQueueInProgress'],
  isWrite: true,
  isGated: false,
  answer: ({ session }, { QueueUrl }) => {
    queueAt(session, QueueUrl).purge(session.world.now)
    return {}
  },
})
