// The rules of the templates take what a drain can use, and the queue is spared the rest. Events are those of core's tests.
import { readFileSync } from 'node:fs'
import { decodeEnvelope } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { matchesPattern } from './event-pattern.ts'
import { resolveTemplate, someParameters } from './resolve.ts'
import { isObject, type Json, type JsonObject, loadTemplate, type TemplateName } from './template.ts'

const fixture = (name: string): JsonObject =>
  JSON.parse(readFileSync(new URL(`../../../core/test/fixtures/${name}.json`, import.meta.url), 'utf8')) as JsonObject

/** An event with other fields in its detail; null takes one away. */
const withDetail = (event: JsonObject, changes: JsonObject): JsonObject => {
  const detail = Object.entries({ ...(event['detail'] as JsonObject), ...changes }).filter(
    ([, value]) => value !== null,
  )
  return { ...event, detail: Object.fromEntries(detail) }
}

const clusterArn = 'arn:aws:ecs:eu-central-1:123456789012:cluster/production'
const otherCluster = 'arn:aws:ecs:eu-central-1:123456789012:cluster/staging'

/** The rules, with the cluster and the group that the events are about. */
const rules: Readonly<Record<TemplateName, ReadonlyMap<string, JsonObject>>> = {
  template: rulesOf('template', someParameters.template),
  attach: rulesOf('attach', { ...someParameters.attach, ClusterNames: 'batch,production', GroupNames: 'workers,web' }),
  smallest: rulesOf('smallest', { ClusterName: 'production', GroupName: 'web', CodeBucket: 'code', CodeKey: 'zip' }),
}

function rulesOf(name: TemplateName, parameters: Readonly<Record<string, string>>): ReadonlyMap<string, JsonObject> {
  const { resources } = resolveTemplate(loadTemplate(name), parameters)
  const text = JSON.stringify(resources).replaceAll('<Cluster.Arn>', clusterArn).replaceAll('drain-instances', 'web')
  const made = JSON.parse(text) as typeof resources
  return new Map(
    Object.entries(made)
      .filter(([, { type }]) => type === 'AWS::Events::Rule')
      .map(([rule, { properties }]) => [rule, properties]),
  )
}

const matching = (of: ReadonlyMap<string, JsonObject>, event: JsonObject): ReadonlyArray<string> =>
  [...of]
    .filter(([, { EventPattern }]) => isObject(EventPattern) && matchesPattern(event, EventPattern))
    .map(([rule]) => rule)

const stopped = fixture('task-state-change-stopped')
const containerInstance = withDetail(fixture('container-instance-state-change-short-arn'), { agentConnected: false })
const returning = fixture('eventbridge-launch-action-from-warm-pool')
const returned = fixture('eventbridge-launch-successful-from-warm-pool')

describe.each(['template', 'attach'] as const)('the rules of %s.yaml', (name) => {
  test.each([
    ['a task that stopped', stopped, 'TaskStoppedRule', 'TaskStateChanged'],
    [
      'a draining container instance whose agent is lost',
      containerInstance,
      'AgentDisconnectedRule',
      'ContainerInstanceStateChanged',
    ],
    ['a return from the warm pool with a launch hook', returning, 'WarmPoolReturnRule', 'InstanceLaunching'],
    ['a return from the warm pool without', returned, 'WarmPoolReturnRule', 'InstanceLaunching'],
  ] as const)('take %s, once, and core reads it', (_, event, rule, notice) => {
    expect(matching(rules[name], event)).toEqual([rule])
    const [delivery] = decodeEnvelope({ Records: [{ messageId: '1', body: JSON.stringify(event) }] })
    expect(delivery?.notice).toMatchObject({ _tag: 'Right', right: { type: notice } })
  })

  test.each([
    ['a task that runs', withDetail(stopped, { lastStatus: 'RUNNING' })],
    ['a task that is stopping', withDetail(stopped, { lastStatus: 'STOPPING', desiredStatus: 'STOPPED' })],
    ['a task of another cluster', withDetail(stopped, { clusterArn: otherCluster })],
    ['a task on Fargate', withDetail(stopped, { containerInstanceArn: null })],
    ['a task on Fargate, as AWS tells it', fixture('task-state-change-fargate')],
    ['a container instance that is ACTIVE', withDetail(containerInstance, { status: 'ACTIVE' })],
    ['a draining container instance on which a task stops', withDetail(containerInstance, { agentConnected: true })],
    ['a container instance of another cluster', withDetail(containerInstance, { clusterArn: otherCluster })],
    ['a launch that is no return', withDetail(returning, { Origin: 'EC2' })],
    ['a launch from before there were warm pools', withDetail(returned, { Origin: null })],
    ['a return to another group', withDetail(returned, { AutoScalingGroupName: 'other' })],
    ['what the hook tells by its topic', fixture('eventbridge-terminate-action')],
    ['what the hook tells of a way into the warm pool', fixture('eventbridge-terminate-action-to-warm-pool')],
    ['a schedule of somebody else', fixture('scheduled-event')],
    ['the same of another source', { ...stopped, source: 'my.ecs' }],
    ['another detail-type', { ...stopped, 'detail-type': 'ECS Service Action' }],
  ] as const)('leave %s', (_, event) => {
    expect(matching(rules[name], event)).toEqual([])
  })
})

test('the one rule of smallest.yaml takes a task that stopped and no other', () => {
  expect(matching(rules.smallest, stopped)).toEqual(['TaskStoppedRule'])
  expect(matching(rules.smallest, withDetail(stopped, { lastStatus: 'RUNNING' }))).toEqual([])
  expect(matching(rules.smallest, withDetail(stopped, { clusterArn: otherCluster }))).toEqual([])
})

describe.each(['template', 'attach', 'smallest'] as const)('the schedule of %s.yaml', (name) => {
  test('sends what core reads as a sweep', () => {
    const rule = rules[name].get('SweepRule')
    const [target] = (rule?.['Targets'] ?? []) as ReadonlyArray<JsonObject>
    expect(rule?.['ScheduleExpression']).toMatch(/^rate\(/)
    // No input of its own: what arrives is EventBridge's scheduled event.
    expect(Object.keys(target ?? {}).filter((key) => key.startsWith('Input'))).toEqual([])
    const [delivery] = decodeEnvelope({
      Records: [{ messageId: '1', body: JSON.stringify(fixture('scheduled-event')) }],
    })
    expect(delivery?.notice).toMatchObject({ _tag: 'Right', right: { type: 'SweepDue' } })
  })
})

describe('the matcher', () => {
  // As AWS's own matcher was recorded to: github.com/localstack/localstack, tests/aws/services/events/event_pattern_templates.
  const event: JsonObject = {
    source: 'aws.ecs',
    resources: [],
    detail: { name: 'web-1', tags: ['a', 'b'], draining: true, nothing: null, 'no-text': 'null' },
  }

  test.each<[JsonObject, boolean]>([
    [{ source: ['aws.ecs'] }, true],
    [{ source: ['aws.ec2', 'aws.ecs'] }, true],
    [{ source: ['aws.ec2'] }, false],
    [{ detail: { name: [{ exists: true }] } }, true],
    [{ detail: { other: [{ exists: true }] } }, false],
    [{ detail: { other: [{ exists: false }] } }, true],
    [{ detail: { tags: ['b'] } }, true],
    [{ detail: { tags: ['c'] } }, false],
    [{ resources: [null] }, false],
    [{ resources: [{ exists: true }] }, false],
    [{ detail: { draining: [false] } }, false],
    [{ detail: { nothing: [null] } }, true],
    [{ detail: { 'no-text': [null] } }, false],
    [{ detail: { NAME: ['web-1'] } }, false],
    [{ detail: { other: { name: [{ exists: false }] } } }, true],
    [{ source: ['aws.ecs'], detail: { name: ['web-2'] } }, false],
  ])('%j: %s', (pattern, expected) => {
    expect(matchesPattern(event, pattern)).toBe(expected)
  })

  test('does not guess', () => {
    const unknown: Json = { 'equals-ignore-case': 'WEB-1' }
    expect(() => matchesPattern(event, { detail: { name: [unknown] } })).toThrow('equals-ignore-case')
  })
})
