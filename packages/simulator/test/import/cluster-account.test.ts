// What is asked of AWS, and how its answers are put together.
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import type { Ask } from '../../src/import/aws-cli.ts'
import { readCluster } from '../../src/import/cluster-account.ts'

/** Answers by operation; to what is not among them, an empty one. */
const answering =
  (answers: Readonly<Record<string, unknown>>): Ask =>
  ([, operation = ''], answer) =>
  async () =>
    E.mapLeft(() => `${operation} was answered otherwise`)(answer.decode(answers[operation] ?? {}))

test('of a service whose deployments are not made by ECS, the primary task set says what runs', async () => {
  const taskSets = [
    { status: 'ACTIVE', taskDefinition: 'web:8', launchType: 'EC2', loadBalancers: [] },
    { status: 'PRIMARY', taskDefinition: 'web:7', launchType: 'EC2', loadBalancers: [{ targetGroupArn: 'blue' }] },
  ]
  const service = { serviceName: 'web', desiredCount: 2, loadBalancers: [], taskSets }
  const read = await readCluster(
    answering({
      'list-services': { serviceArns: ['web'] },
      'describe-services': { services: [service] },
      'describe-task-definition': { taskDefinition: { containerDefinitions: [] } },
      'describe-target-group-attributes': { Attributes: [] },
      'describe-target-groups': { TargetGroups: [{ HealthCheckIntervalSeconds: 10 }] },
      'describe-auto-scaling-groups': { AutoScalingGroups: [] },
    }),
    'production',
  )()
  if (E.isLeft(read)) throw new Error(read.left)
  expect([...read.right.definitions.keys()]).toEqual(['web:7'])
  expect([...read.right.targetGroups]).toEqual([['blue', { deregistrationDelay: 300, healthCheckInterval: 10 }]])
  expect(read.right.services).toMatchObject([{ taskDefinition: 'web:7', launchType: 'EC2' }])
})

test('where Elastic Load Balancing says nothing, the rest is told all the same, and why it is silent', async () => {
  const read = await readCluster(
    answering({
      'list-services': { serviceArns: ['web'] },
      'describe-services': {
        services: [{ serviceName: 'web', desiredCount: 2, loadBalancers: [{ targetGroupArn: 'blue' }] }],
      },
      'describe-target-group-attributes': { Attributes: [] },
      'describe-auto-scaling-groups': { AutoScalingGroups: [] },
    }),
    'production',
  )()
  if (E.isLeft(read)) throw new Error(read.left)
  expect([...read.right.targetGroups]).toEqual([['blue', { notTold: 'describe-target-groups was answered otherwise' }]])
})

/** 40 services of a task definition each. The earlier of two that are asked about at once answers later. */
const busyAccount = (refused: ReadonlyArray<string> = []) => {
  const services = Array.from({ length: 40 }, (_, n) => ({
    serviceName: `service-${n}`,
    desiredCount: 1,
    taskDefinition: `family-${n}:1`,
  }))
  const [asked, underWay]: [Array<ReadonlyArray<string>>, Set<unknown>] = [[], new Set()]
  let atOnceMost = 0
  const answerTo = ([, operation, ...options]: ReadonlyArray<string>): unknown => {
    switch (operation) {
      case 'list-services':
        return { serviceArns: services.map(({ serviceName }) => serviceName) }
      case 'describe-services':
        return { services: services.filter(({ serviceName }) => options.includes(serviceName)) }
      case 'describe-task-definition':
        return { taskDefinition: { containerDefinitions: [], cpu: options.at(-1)?.replaceAll(/\D/g, '') } }
      case 'describe-auto-scaling-groups':
        return { AutoScalingGroups: [] }
      default:
        return {}
    }
  }
  const ask: Ask = (request, answer) => async () => {
    asked.push(request)
    underWay.add(request)
    atOnceMost = Math.max(atOnceMost, underWay.size)
    for (let turns = 10 - underWay.size; turns > 0; turns -= 1) await new Promise(setImmediate)
    underWay.delete(request)
    const name = request.at(-1) ?? ''
    return refused.includes(name)
      ? E.left(`${name} is refused`)
      : E.mapLeft(() => `${request[1]} was answered otherwise`)(answer.decode(answerTo(request)))
  }
  return { ask, asked, services, atOnceMost: () => atOnceMost }
}

test('of hundreds of requests five are under way at once, and every answer is where it belongs', async () => {
  const { ask, services, asked, atOnceMost } = busyAccount()
  const read = await readCluster(ask, 'production')()
  if (E.isLeft(read)) throw new Error(read.left)
  expect(atOnceMost()).toBe(5)
  expect(asked.map(([, operation]) => operation).indexOf('describe-services')).toBe(1)
  expect(read.right.services).toEqual(services)
  expect([...read.right.definitions.keys()]).toEqual(services.map(({ taskDefinition }) => taskDefinition))
  for (const [arn, { cpu }] of read.right.definitions) expect(`family-${cpu?.replace(/1$/, '')}:1`).toBe(arn)
})

test('of several refusals the first is told, and no more is asked', async () => {
  const { ask, asked } = busyAccount(['family-7:1', 'family-6:1', 'family-30:1'])
  expect(await readCluster(ask, 'production')()).toEqual(E.left('family-6:1 is refused'))
  expect(asked.at(-1)).toContain('family-9:1')
})
