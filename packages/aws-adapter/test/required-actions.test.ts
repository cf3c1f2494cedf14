// The actions that are asked for are those that are called: no more, no fewer.
import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { ECS } from '@aws-sdk/client-ecs'
import { SQS } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import {
  type AutoScalingCalls,
  autoScalingCalls,
  awsClients,
  type DynamoCalls,
  dynamoCalls,
  type EcsCalls,
  ecsCalls,
  requiredActions,
  type SqsCalls,
  sqsCalls,
} from '../src/index.ts'

const { ecs, autoScaling, dynamodb, sqs } = awsClients({ region: 'eu-west-1' })
const services = {
  ecs: ecsCalls(ecs),
  autoscaling: autoScalingCalls(autoScaling),
  dynamodb: dynamoCalls(dynamodb),
  sqs: sqsCalls(sqs),
}

test('there is a row for each operation that a port can call, and none besides', () => {
  const called = Object.entries(services).flatMap(([service, calls]) =>
    Object.keys(calls).map((name) => `${service}:${name.charAt(0).toUpperCase()}${name.slice(1)}`),
  )
  expect(requiredActions.map(({ action }) => action).toSorted()).toEqual(called.toSorted())
})

test("the SDK's own clients have every operation that is used, with these types", () => {
  const region = 'eu-west-1'
  const whole: { ecs: EcsCalls; autoscaling: AutoScalingCalls; dynamodb: DynamoCalls; sqs: SqsCalls } = {
    ecs: new ECS({ region }),
    autoscaling: new AutoScaling({ region }),
    dynamodb: new DynamoDB({ region }),
    sqs: new SQS({ region }),
  }
  for (const [service, calls] of Object.entries(services)) {
    const sdk = whole[service as keyof typeof whole] as unknown as Readonly<Record<string, unknown>>
    expect(Object.keys(calls).filter((name) => typeof sdk[name] !== 'function')).toEqual([])
  }
})

test('an action without a kind of resource is one that IAM knows no resource for', () => {
  expect(requiredActions.filter(({ resourceType }) => resourceType === null).map(({ action }) => action)).toEqual([
    'autoscaling:DescribeLifecycleHooks',
    'autoscaling:DescribeAutoScalingGroups',
  ])
})
