/**
 * The JSON that AWS would deliver for a message of the world. The shapes are those of AWS's own samples: what core's
 * codecs read here is what they read in production.
 */
import { streamOf } from '@ecs-drain/core'
import type { Directory, Message } from '../controller/controller.ts'
import { arnIn } from '../plan/arn.ts'
import type { HookPlan, Plan } from '../plan/plan.ts'
import { containerInstanceStates, taskStatuses } from '../trace/trace.ts'
import { clusterArn, groupArn, sweepRuleArn, taskDefinitionArn, topicArn } from './arns.ts'
import { type TextTemplate, textTemplate } from './text-template.ts'

type Notifies = HookPlan['notifies']

/** The envelope of one message, as the text a function's runtime parses. */
export const envelopeText = (message: Message, directory: Directory, notifies: Notifies): string => {
  if (message.kind === 'termination' && !message.viaEventBridge) {
    const fields = notification(message, directory)
    if (notifies === 'lambda') return JSON.stringify(fields)
    if (notifies === 'sns-json') return snsToLambda(directory, postingOf(message, directory, JSON.stringify(fields)))
    if (notifies === 'sns-text') return snsToLambda(directory, postingOf(message, directory, keyValueText(fields)))
  }
  return inSqs(headingOf(message, directory), directory, queued(message, directory, notifies))
}

/** The event that a function is invoked with where a topic, a rule or the hook calls it by itself; null: it is for a queue. */
export const functionText = (message: Message, directory: Directory, notifies: Notifies): string | null => {
  switch (message.kind) {
    case 'termination': {
      if (message.viaEventBridge || notifies === 'eventbridge') return queueText(message, directory, notifies)
      const isQueued = notifies === 'sqs' || notifies === 'sns-in-sqs'
      return isQueued ? null : envelopeText(message, directory, notifies)
    }
    case 'wake-up':
      return null
    case 'launch':
    case 'task-stopped':
    case 'container-instance':
    case 'agent-disconnected':
    case 'sweep':
      return queueText(message, directory, notifies)
  }
}

/** The message as it lies in a queue: the body that Auto Scaling, SNS, EventBridge or we ourselves put there. */
export const queueText = (message: Message, directory: Directory, notifies: Notifies): string =>
  JSON.stringify(inWholeSeconds(queued(message, directory, notifies)))

/** As EventBridge writes its `time` (AWS: EventBridge user guide, "Event structure"). */
const inWholeSeconds = (body: object): object =>
  'detail-type' in body && 'time' in body ? { ...body, time: String(body.time).replace(/\.\d+/, '') } : body

const queued = (message: Message, directory: Directory, notifies: Notifies): object => {
  switch (message.kind) {
    case 'termination':
      return message.viaEventBridge ? terminateEvent(message, directory) : queuedHook(message, directory, notifies)
    case 'launch':
      return launchEvent(message, directory)
    case 'task-stopped':
      return taskStateChange(taskValues(message, directory), directory)
    case 'container-instance':
    case 'agent-disconnected':
      return containerInstanceStateChange(message, directory)
    case 'wake-up':
      return {
        'ecs-drain': 'wake-up',
        stream: streamOf(directory.instanceId(message.instance)),
        hops: message.hops,
      }
    case 'sweep':
      return eventBridge(
        headingOf(message, directory),
        directory,
        'Scheduled Event',
        'aws.events',
        [sweepRuleArn(directory)],
        {},
      )
  }
}

/** A hook that notifies a function leaves in a queue what it would have told that function. */
const queuedHook = (message: Message, directory: Directory, notifies: Notifies): object => {
  const fields = notification(message, directory)
  switch (notifies) {
    case 'eventbridge':
      return terminateEvent(message, directory)
    case 'lambda':
    case 'sqs':
      return fields
    case 'sns-in-sqs':
    case 'sns-json':
      return snsInQueue(directory, postingOf(message, directory, JSON.stringify(fields)))
    case 'sns-text':
      return snsInQueue(directory, postingOf(message, directory, keyValueText(fields)))
  }
}

/** Writes the same texts much faster, those of which there are many by templates. For the messages of one directory. */
export const createEnvelopeWriter = (directory: Directory): typeof envelopeText => {
  const tasks = new Map<string, TextTemplate<TaskValues>>()

  const ofTask = (message: Message): string | null => {
    const values = taskValues(message, directory)
    // What fields there are depends on the status.
    const { lastStatus } = values
    const known = tasks.get(lastStatus)
    if (known !== undefined) return known(values)
    const first = textTemplate(values, (marks) =>
      inSqs(marks, directory, taskStateChange({ ...marks, lastStatus }, directory)),
    )
    tasks.set(lastStatus, first)
    return first(values)
  }

  return (message, _, notifies) => {
    const text = message.kind === 'task-stopped' ? ofTask(message) : null
    return text ?? envelopeText(message, directory, notifies)
  }
}

/** What every envelope says of its message. */
interface Heading {
  readonly id: string
  /** Milliseconds, as SQS counts them. */
  readonly sentAt: string
  readonly at: string
  /** How often it was handed out, this time included. */
  readonly receives: string
}

const headingOf = (message: Message, { startMs }: Directory): Heading => ({
  id: messageId(message),
  sentAt: String(message.at),
  at: instant(startMs + message.at),
  receives: String(message.received + 1),
})

/** How the notifications of an action's hook travel, by the plan. */
export const notifiesOf = (plan: Plan, directory: Directory, message: Message): Notifies => {
  if (message.kind !== 'termination') return 'eventbridge'
  const { group, hook } = directory.action(message.action)
  const hooks = plan.groups.find(({ name }) => name === group)?.hooks ?? []
  return hooks.find(({ name }) => name === hook)?.notifies ?? 'eventbridge'
}

const instant = (ms: number): string => new Date(ms).toISOString()

/** Copies of a message share its number, and no other message has it. */
const messageId = ({ number, at }: Message): string => {
  const digits = (value: number, length: number): string => value.toString(16).padStart(length, '0')
  return `${digits(number, 8)}-0000-4000-8000-${digits(at, 12)}`
}

const inSqs = ({ id, sentAt, receives }: Heading, directory: Directory, body: unknown): string =>
  JSON.stringify({
    Records: [
      {
        messageId: id,
        receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
        body: JSON.stringify(body),
        attributes: {
          ApproximateReceiveCount: receives,
          SentTimestamp: sentAt,
          SenderId: 'AIDAIENQZJOLO23YVJ4VO',
          ApproximateFirstReceiveTimestamp: sentAt,
        },
        messageAttributes: {},
        md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
        eventSource: 'aws:sqs',
        eventSourceARN: arnIn(directory, 'sqs', 'ecs-drain'),
        awsRegion: directory.region,
      },
    ],
  })

/** What is told to a topic, as the event of a function that is subscribed to it. */
export const snsToLambda = (directory: Directory, posting: Posting): string =>
  JSON.stringify({
    Records: [
      {
        EventVersion: '1.0',
        EventSource: 'aws:sns',
        EventSubscriptionArn: `${topicArn(directory)}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55`,
        Sns: {
          ...sns(directory, posting),
          SigningCertUrl: certificateUrl(directory),
          UnsubscribeUrl: unsubscribeUrl(directory),
          MessageAttributes: {},
        },
      },
    ],
  })

/** What is told to a topic. */
export interface Posting {
  readonly id: string
  /** ISO-8601. */
  readonly at: string
  /** Null: none was given. */
  readonly subject: string | null
  readonly text: string
}

const postingOf = (message: Message, directory: Directory, text: string): Posting => ({
  id: messageId(message),
  at: instant(directory.startMs + message.at),
  // With two blanks, as Auto Scaling writes it.
  subject: `Auto Scaling:  Lifecycle action 'TERMINATING' for instance ${directory.action(message.action).instance} in progress.`,
  text,
})

const sns = (directory: Directory, { id, at, subject, text }: Posting) => ({
  Type: 'Notification',
  MessageId: id,
  TopicArn: topicArn(directory),
  Subject: subject,
  Message: text,
  Timestamp: at,
  SignatureVersion: '1',
  Signature: 'EXAMPLEw6JRN',
})

/**
 * As it lies in a queue. Two of its names are spelled otherwise than in the event of a function, and a subject that was not given
 * is left out (AWS: SNS developer guide, sns-message-and-json-formats).
 */
export const snsInQueue = (directory: Directory, posting: Posting) => ({
  ...sns(directory, posting),
  ...(posting.subject === null ? { Subject: undefined } : {}),
  SigningCertURL: certificateUrl(directory),
  UnsubscribeURL: unsubscribeUrl(directory),
})

const certificateUrl = ({ region }: Directory): string =>
  `https://sns.${region}.amazonaws.com/SimpleNotificationService.pem`

const unsubscribeUrl = ({ region }: Directory): string => `https://sns.${region}.amazonaws.com/?Action=Unsubscribe`

/** What a new hook tells its target once, as it lies in a queue; null: it has no topic or queue to tell (AWS: Auto Scaling user guide). */
export const testNotificationText = (
  directory: Directory,
  notifies: Notifies,
  { id, at, group }: Readonly<Record<'id' | 'at' | 'group', string>>,
): string | null => {
  const text = JSON.stringify({
    AccountId: directory.account,
    RequestId: id,
    AutoScalingGroupARN: groupArn(directory, group),
    AutoScalingGroupName: group,
    Service: 'AWS Auto Scaling',
    Event: 'autoscaling:TEST_NOTIFICATION',
    Time: at,
  })
  if (notifies === 'sqs') return text
  if (notifies !== 'sns-in-sqs') return null
  const subject = `Auto Scaling: test notification for group "${group}"`
  return JSON.stringify(snsInQueue(directory, { id, at, subject, text }))
}

const notification = (message: Message, directory: Directory): Readonly<Record<string, string>> => {
  const { token, group, hook, instance } = directory.action(message.action)
  const metadata = directory.metadata(message.action)
  return {
    Service: 'AWS Auto Scaling',
    Time: instant(directory.startMs + message.at),
    RequestId: messageId(message),
    Origin: 'AutoScalingGroup',
    Destination: directory.destination(message.action),
    LifecycleActionToken: token ?? '',
    AccountId: directory.account,
    AutoScalingGroupName: group,
    LifecycleHookName: hook,
    EC2InstanceId: instance,
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    ...(metadata === null ? {} : { NotificationMetadata: metadata }),
  }
}

const keyValueText = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n')

const eventBridge = (
  { id, at }: Heading,
  { region, account }: Directory,
  detailType: string,
  source: string,
  resources: ReadonlyArray<string>,
  detail: unknown,
) => ({
  version: '0',
  id,
  'detail-type': detailType,
  source,
  account,
  // To the millisecond within the world: a run through text reads what a run without it was told.
  time: at,
  region,
  resources,
  detail,
})

const terminateEvent = (message: Message, directory: Directory) => {
  const { token, group, hook, instance } = directory.action(message.action)
  const metadata = directory.metadata(message.action)
  const detail = {
    LifecycleActionToken: token,
    AutoScalingGroupName: group,
    LifecycleHookName: hook,
    EC2InstanceId: instance,
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    ...(metadata === null ? {} : { NotificationMetadata: metadata }),
    Origin: 'AutoScalingGroup',
    Destination: directory.destination(message.action),
  }
  const heading = headingOf(message, directory)
  const detailType = 'EC2 Instance-terminate Lifecycle Action'
  return eventBridge(heading, directory, detailType, 'aws.autoscaling', [groupArn(directory, group)], detail)
}

/**
 * What Auto Scaling tells of a return from the warm pool where the group has no launching hook, as here (AWS: Auto Scaling user guide,
 * warm-pools-eventbridge-events): that it is InService.
 */
const launchEvent = (message: Message, directory: Directory) => {
  const heading = headingOf(message, directory)
  const [group, instance] = [directory.groupName(message.instance), directory.instanceId(message.instance)]
  const detail = {
    StatusCode: 'InProgress',
    Description: `Launching a new EC2 instance: ${instance} (from the warm pool)`,
    AutoScalingGroupName: group,
    ActivityId: heading.id,
    Details: { 'Availability Zone': `${directory.region}a` },
    RequestId: heading.id,
    StatusMessage: '',
    EndTime: heading.at,
    EC2InstanceId: instance,
    StartTime: heading.at,
    Cause: `At ${heading.at} an instance was taken from the warm pool.`,
    Origin: 'WarmPool',
    Destination: 'AutoScalingGroup',
  }
  const resources = [groupArn(directory, group), arnIn(directory, 'ec2', `instance/${instance}`)]
  return eventBridge(heading, directory, 'EC2 Instance Launch Successful', 'aws.autoscaling', resources, detail)
}

/** What differs from one task's event to another's. */
interface TaskValues extends Heading {
  readonly taskArn: string
  readonly containerArn: string
  readonly containerInstanceArn: string
  readonly lastStatus: string
  readonly desiredStatus: string
  readonly group: string
  readonly version: number
}

const taskValues = (message: Message, directory: Directory): TaskValues => {
  const { id, sentAt, at, receives } = headingOf(message, directory)
  const taskArn = directory.taskArn(message.task)
  return {
    id,
    sentAt,
    at,
    receives,
    taskArn,
    containerArn: taskArn.replace(':task/', ':container/'),
    containerInstanceArn: directory.containerInstanceArn(message.instance),
    lastStatus: taskStatuses[message.status] ?? 'UNKNOWN',
    desiredStatus: message.desiredStopped ? 'STOPPED' : 'RUNNING',
    group: directory.taskGroup(message.task),
    version: message.version,
  }
}

const taskStateChange = (values: TaskValues, directory: Directory) => {
  const { at, taskArn, containerArn, containerInstanceArn, lastStatus, desiredStatus, group, version } = values
  const detail = {
    attachments: [],
    attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
    availabilityZone: `${directory.region}a`,
    clusterArn: clusterArn(directory),
    connectivity: 'CONNECTED',
    connectivityAt: at,
    containerInstanceArn,
    containers: [
      {
        containerArn,
        lastStatus,
        name: 'main',
        image: 'main:latest',
        taskArn,
        networkInterfaces: [],
        cpu: '256',
        memory: '512',
        ...(lastStatus === 'STOPPED' ? { exitCode: 0 } : {}),
      },
    ],
    cpu: '256',
    createdAt: at,
    desiredStatus,
    enableExecuteCommand: false,
    group,
    launchType: 'EC2',
    lastStatus,
    memory: '512',
    overrides: { containerOverrides: [{ name: 'main' }] },
    startedAt: at,
    ...(lastStatus === 'STOPPED' ? { stoppedAt: at, stoppingAt: at, stopCode: 'ServiceSchedulerInitiated' } : {}),
    taskArn,
    taskDefinitionArn: taskDefinitionArn(directory, 'main'),
    updatedAt: at,
    version,
  }
  return eventBridge(values, directory, 'ECS Task State Change', 'aws.ecs', [taskArn], detail)
}

const containerInstanceStateChange = (message: Message, directory: Directory) => {
  const heading = headingOf(message, directory)
  const containerInstanceArn = directory.containerInstanceArn(message.instance)
  const detail = {
    agentConnected: message.agentConnected,
    attributes: [{ name: 'com.amazonaws.ecs.capability.ecr-auth' }],
    clusterArn: clusterArn(directory),
    containerInstanceArn,
    ec2InstanceId: directory.instanceId(message.instance),
    registeredResources: [{ name: 'CPU', type: 'INTEGER', integerValue: 2048 }],
    remainingResources: [{ name: 'CPU', type: 'INTEGER', integerValue: 1988 }],
    status: containerInstanceStates[message.status] ?? 'UNKNOWN',
    version: message.version,
    versionInfo: { agentHash: 'aebcbca', agentVersion: '1.105.1', dockerVersion: '25.0.14' },
    updatedAt: heading.at,
  }
  const detailType = 'ECS Container Instance State Change'
  return eventBridge(heading, directory, detailType, 'aws.ecs', [containerInstanceArn], detail)
}
