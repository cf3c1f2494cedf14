// What is asked of AWS, and how its answers are put together.
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import type { Ask } from '../../src/import/aws-cli.ts'
import { readCluster } from '../../src/import/cluster-account.ts'

/** Answers by operation; to what is not among them, an empty one. */
const answering =
  (answers: Readonly<Record<string, unknown>>): Ask =>
  ([, operation = ''], answer) =>
    E.mapLeft(() => `${operation} was answered otherwise`)(answer.decode(answers[operation] ?? {}))

test('of a service whose deployments are not made by ECS, the primary task set says what runs', () => {
  const taskSets = [
    { status: 'ACTIVE', taskDefinition: 'web:8', launchType: 'EC2', loadBalancers: [] },
    { status: 'PRIMARY', taskDefinition: 'web:7', launchType: 'EC2', loadBalancers: [{ targetGroupArn: 'blue' }] },
  ]
  const service = { serviceName: 'web', desiredCount: 2, loadBalancers: [], taskSets }
  const read = readCluster(
    answering({
      'list-services': { serviceArns: ['web'] },
      'describe-services': { services: [service] },
      'describe-task-definition': { taskDefinition: { containerDefinitions: [] } },
      'describe-target-group-attributes': { Attributes: [] },
      'describe-auto-scaling-groups': { AutoScalingGroups: [] },
    }),
    'production',
  )
  if (E.isLeft(read)) throw new Error(read.left)
  expect([...read.right.definitions.keys()]).toEqual(['web:7'])
  expect([...read.right.delays]).toEqual([['blue', 300]])
  expect(read.right.services).toMatchObject([{ taskDefinition: 'web:7', launchType: 'EC2' }])
})
