/** A service of AWS as it is spoken to: its protocol, its operations, and the codes in which it refuses. */
import { describeScalingActivities } from './auto-scaling/activity-operations.ts'
import {
  describeAutoScalingGroups,
  describeAutoScalingInstances,
  describeInstanceRefreshes,
  setDesiredCapacity,
  startInstanceRefresh,
  terminateInstance,
} from './auto-scaling/group-operations.ts'
import {
  completeLifecycleAction,
  deleteLifecycleHook,
  describeLifecycleHooks,
  putLifecycleHook,
  recordLifecycleActionHeartbeat,
} from './auto-scaling/lifecycle-operations.ts'
import { describeInstanceAttribute, describeInstances } from './ec2/operations.ts'
import {
  describeContainerInstances,
  listContainerInstances,
  updateContainerInstancesState,
} from './ecs/container-instance-operations.ts'
import { describeClusters, describeServices, listClusters, listServices } from './ecs/service-operations.ts'
import { describeTaskDefinition } from './ecs/task-definition-operations.ts'
import { describeTasks, listTasks, runTask, stopTaskOperation } from './ecs/task-operations.ts'
import type { Operation } from './operation.ts'
import { publish } from './sns/operations.ts'
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
  receiveMessage,
  sendMessage,
  sendMessageBatch,
} from './sqs/message-operations.ts'
import { queryCodes } from './sqs/query-codes.ts'
import { getQueueAttributes, getQueueUrl, listQueues, purgeQueue } from './sqs/queue-operations.ts'
import { AwsError } from './wire/aws-error.ts'
import type { Complaints } from './wire/shape.ts'

export type Protocol =
  | {
      readonly type: 'json'
      readonly version: '1.0' | '1.1'
      /** What stands before the operation in `X-Amz-Target`. */
      readonly target: string
      /** Codes have another name for clients of the Query protocol (AWS: awsQueryCompatible); null: they have not. */
      readonly queryCodes: Readonly<Record<string, string>> | null
      /** What stands before a code in `__type`. */
      readonly namespace: string
    }
  | { readonly type: 'query'; readonly version: string; readonly namespace: string }
  | { readonly type: 'ec2'; readonly version: string; readonly namespace: string }

export interface Service {
  readonly name: 'ECS' | 'Auto Scaling' | 'SQS' | 'SNS' | 'EC2'
  readonly protocol: Protocol
  readonly operations: ReadonlyArray<Operation>
  readonly complaints: Complaints
  readonly unknownOperation: (name: string) => AwsError
  /** The plan's buckets or its luck. */
  readonly throttled: () => AwsError
  readonly unavailable: () => AwsError
}

export const ecs: Service = {
  name: 'ECS',
  protocol: {
    type: 'json',
    version: '1.1',
    target: 'AmazonEC2ContainerServiceV20141113',
    queryCodes: null,
    namespace: '',
  },
  operations: [
    listContainerInstances,
    describeContainerInstances,
    updateContainerInstancesState,
    listTasks,
    describeTasks,
    stopTaskOperation,
    runTask,
    listServices,
    describeServices,
    listClusters,
    describeClusters,
    describeTaskDefinition,
  ],
  complaints: {
    wrongType: 'SerializationException',
    invalid: 'InvalidParameterException',
    missing: 'InvalidParameterException',
    unknownParameter: 'InvalidParameterException',
  },
  unknownOperation: (name) =>
    new AwsError('UnknownOperationException', `The operation ${name} is not one of this endpoint.`),
  throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
  unavailable: () => new AwsError('ServerException', 'Service Unavailable. Please try again later.', 500),
}

export const autoScaling: Service = {
  name: 'Auto Scaling',
  protocol: { type: 'query', version: '2011-01-01', namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/' },
  operations: [
    completeLifecycleAction,
    recordLifecycleActionHeartbeat,
    describeLifecycleHooks,
    putLifecycleHook,
    deleteLifecycleHook,
    describeAutoScalingGroups,
    describeAutoScalingInstances,
    terminateInstance,
    setDesiredCapacity,
    startInstanceRefresh,
    describeInstanceRefreshes,
    describeScalingActivities,
  ],
  complaints: {
    wrongType: 'ValidationError',
    invalid: 'ValidationError',
    missing: 'ValidationError',
    unknownParameter: 'ValidationError',
  },
  unknownOperation: (name) =>
    new AwsError('InvalidAction', `Could not find operation ${name} for version 2011-01-01 at this endpoint`),
  throttled: () => new AwsError('Throttling', 'Rate exceeded'),
  unavailable: () => new AwsError('ServiceUnavailable', 'Service Unavailable. Please try again later.', 503),
}

export const sqs: Service = {
  name: 'SQS',
  protocol: {
    type: 'json',
    version: '1.0',
    target: 'AmazonSQS',
    namespace: 'com.amazonaws.sqs#',
    queryCodes,
  },
  operations: [
    sendMessage,
    sendMessageBatch,
    receiveMessage,
    deleteMessage,
    deleteMessageBatch,
    changeMessageVisibility,
    changeMessageVisibilityBatch,
    getQueueUrl,
    listQueues,
    getQueueAttributes,
    purgeQueue,
  ],
  complaints: {
    wrongType: 'SerializationException',
    invalid: 'InvalidParameterValueException',
    missing: 'MissingRequiredParameterException',
    unknownParameter: 'InvalidParameterValueException',
  },
  unknownOperation: (name) =>
    new AwsError('UnknownOperationException', `The operation ${name} is not one of this endpoint.`),
  throttled: () => new AwsError('RequestThrottled', 'Rate exceeded', 403),
  unavailable: () => new AwsError('ServiceUnavailable', 'Service Unavailable. Please try again later.', 503),
}

export const sns: Service = {
  name: 'SNS',
  protocol: { type: 'query', version: '2010-03-31', namespace: 'http://sns.amazonaws.com/doc/2010-03-31/' },
  operations: [publish],
  complaints: {
    wrongType: 'InvalidParameter',
    invalid: 'InvalidParameter',
    missing: 'InvalidParameter',
    unknownParameter: 'InvalidParameter',
  },
  unknownOperation: (name) =>
    new AwsError('InvalidAction', `Could not find operation ${name} for version 2010-03-31 at this endpoint`),
  throttled: () => new AwsError('Throttled', 'Rate exceeded', 429),
  unavailable: () => new AwsError('ServiceUnavailable', 'Service Unavailable. Please try again later.', 503),
}

export const ec2: Service = {
  name: 'EC2',
  protocol: { type: 'ec2', version: '2016-11-15', namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/' },
  operations: [describeInstances, describeInstanceAttribute],
  complaints: {
    wrongType: 'InvalidParameterValue',
    invalid: 'InvalidParameterValue',
    missing: 'MissingParameter',
    unknownParameter: 'UnknownParameter',
  },
  unknownOperation: (name) => new AwsError('InvalidAction', `The action ${name} is not valid for this endpoint.`),
  throttled: () => new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
  unavailable: () => new AwsError('Unavailable', 'The service is unavailable. Please try again shortly.', 503),
}

export const services: ReadonlyArray<Service> = [ecs, autoScaling, sqs, sns, ec2]
