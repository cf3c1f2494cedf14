/** The operation of SNS with which a function calls itself again. */
import { topicArn } from '../../wire/arns.ts'
import { operation } from '../operation.ts'
import { AwsError } from '../wire/aws-error.ts'
import { text, textOf } from '../wire/shape.ts'

/** The longest message, in bytes (AWS: API reference, Publish). */
const bytesMost = 262_144

export const publish = operation({
  name: 'Publish',
  says:
    'To the topic that hooks notify. Late by `bus.event` and with the luck of the plan it reaches the inbox, or with `--invoke` the ' +
    'function, unless a hook has a queue behind the topic (`sns-in-sqs`).',
  input: { TopicArn: text, Message: text, Subject: textOf(1, 100, /^[\x20-\x7e]+$/) },
  needed: ['TopicArn', 'Message'],
  errors: ['NotFound'],
  isWrite: true,
  answer: ({ session }, { TopicArn, Message, Subject = null }) => {
    if (TopicArn !== topicArn(session.world.directory)) throw new AwsError('NotFound', 'Topic does not exist', 404)
    if (Message === '') throw new AwsError('InvalidParameter', 'Invalid parameter: Empty message')
    if (Buffer.byteLength(Message, 'utf8') > bytesMost) {
      throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long')
    }
    return { MessageId: session.publish(Subject, Message) }
  },
})
