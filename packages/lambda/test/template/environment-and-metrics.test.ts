// The templates and the function speak of the same environment variables and the same metrics.
import { readFileSync } from 'node:fs'
import type { DrainPolicy } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { type Configuration, environmentVariables, readEnvironment } from '../../src/environment.ts'
import { metricNames, metricNamespace } from '../../src/metric-names.ts'
import { resolveTemplate, someParameters } from './resolve.ts'
import { type JsonObject, loadTemplate, type TemplateName, textOf, valueAt } from './template.ts'

const someSmallest = { ClusterName: 'production', GroupName: 'web', CodeBucket: 'code', CodeKey: 'zip' }
const parametersOf = { ...someParameters, smallest: someSmallest }

const environmentOf = (name: TemplateName, parameters: Readonly<Record<string, string>> = {}) => {
  const { resources } = resolveTemplate(loadTemplate(name), { ...parametersOf[name], ...parameters })
  const variables = valueAt(resources['Function']?.properties, 'Environment', 'Variables')
  return variables as Readonly<Record<string, string>>
}

/** What a function with that environment understands. */
const configurationOf = (name: TemplateName, parameters: Readonly<Record<string, string>> = {}): Configuration => {
  const made: Readonly<Record<string, string>> = {
    '<Cluster>': 'production',
    '<Inbox>': 'https://sqs.eu-central-1.amazonaws.com/123456789012/inbox',
    '<Table>': 'drain-Table-1ABC',
  }
  const variables = Object.entries(environmentOf(name, parameters)).map(([key, value]) => [key, made[value] ?? value])
  const read = readEnvironment({ AWS_REGION: 'eu-central-1', ...Object.fromEntries(variables) })
  if (read._tag === 'Left') throw new Error(read.left.join('\n'))
  return read.right
}

const policyOf = (name: TemplateName, parameters: Readonly<Record<string, string>> = {}): DrainPolicy =>
  configurationOf(name, parameters).policy

describe('environment variables', () => {
  const known = environmentVariables.map(({ name }) => name).filter((name) => name.startsWith('ECS_DRAIN_'))

  /** Left at the function's own defaults: whoever needs another value sets it in a copy of the template. */
  const leftAlone = [
    'ECS_DRAIN_METADATA_CLUSTERS',
    'ECS_DRAIN_NOT_FOUND_GRACE_SECONDS',
    'ECS_DRAIN_RETRY_FIRST_SECONDS',
    'ECS_DRAIN_RETRY_MOST_SECONDS',
    'ECS_DRAIN_SPREAD_READS_SECONDS',
    'ECS_DRAIN_WAKE_UPS_IN_A_ROW',
  ]

  test.each(['template', 'attach'] as const)('%s.yaml sets all that the function reads, but for a few', (name) => {
    const set = Object.keys(environmentOf(name)).filter((each) => each.startsWith('ECS_DRAIN_'))
    expect([...set, ...leftAlone].toSorted()).toEqual(known.toSorted())
  })

  test.each(['template', 'attach', 'smallest'] as const)('the function of %s.yaml starts with them', (name) => {
    const { policy, queueUrl } = configurationOf(name)
    expect(policy.hooks.map((hook) => hook.name)).toEqual(['ecs-drain'])
    expect(policy.account).toBe('123456789012')
    expect(policy.deadline).toBeNull()
    expect(policy.standaloneAfter).toBeNull()
    expect(queueUrl === null).toBe(name === 'smallest')
  })

  test('a deadline, and what is done at it, come together', () => {
    const parameters = { DeadlineSeconds: '1800', AtDeadline: 'stop-tasks', StopGraceSeconds: '120' }
    expect(policyOf('template', parameters).deadline).toEqual({ after: 1_800_000, choice: 'stop-tasks' })
    expect(policyOf('template', parameters).stopGrace).toBe(120_000)
    expect(policyOf('template', { StopStandaloneAfterSeconds: '60' }).standaloneAfter).toBe(60_000)
  })

  test.each(['template', 'attach'] as const)('%s.yaml refuses half a deadline, as the function does', (name) => {
    expect(() => policyOf(name, { AtDeadline: 'continue' })).toThrow('DeadlineSeconds names none')
    // The default choice, which changes nothing, need not be given.
    expect(policyOf(name, { DeadlineSeconds: '1800' }).deadline?.choice).toBe('wait')
  })

  test.each(['template', 'attach'] as const)(
    'every choice that %s.yaml offers is one that the function knows',
    (name) => {
      const { AtDeadline, LogLevel } = loadTemplate(name).Parameters
      for (const choice of AtDeadline?.AllowedValues ?? []) {
        expect(policyOf(name, { DeadlineSeconds: '60', AtDeadline: `${choice}` }).deadline?.choice).toBe(choice)
      }
      for (const level of LogLevel?.AllowedValues ?? []) {
        expect(configurationOf(name, { LogLevel: `${level}` }).logLevel).toBe(level)
      }
      expect([AtDeadline?.AllowedValues?.length, LogLevel?.AllowedValues?.length]).toEqual([4, 5])
    },
  )

  test('several clusters and groups arrive as several', () => {
    const { clusters, hooks } = policyOf('attach', { ClusterNames: 'a,b,c', GroupNames: 'x,y' })
    expect(clusters).toEqual(['a', 'b', 'c'])
    expect(hooks).toEqual([{ name: 'ecs-drain', groups: ['x', 'y'] }])
  })
})

/** What AWS publishes itself, as far as we use it (AWS: developer guides of Lambda and SQS, "metrics"). */
const awsMetrics: Readonly<Record<string, readonly [dimension: string, names: ReadonlyArray<string>]>> = {
  'AWS/Lambda': ['FunctionName', ['Invocations', 'Errors', 'Throttles']],
  'AWS/SQS': ['QueueName', ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage']],
}

const isPublished = (namespace: string, name: string, dimension: string): boolean => {
  if (namespace !== metricNamespace) {
    const [expected, published] = awsMetrics[namespace] ?? ['', []]
    return dimension === expected && published.includes(name)
  }
  const metric = Object.values(metricNames).find((each) => each.name === name)
  return metric?.dimensions.some((set) => set.length === 1 && set[0] === dimension) ?? false
}

describe.each(['template', 'attach'] as const)('what %s.yaml watches', (name) => {
  const { resources } = resolveTemplate(loadTemplate(name), parametersOf[name])
  const alarms = Object.entries(resources).filter(([, { type }]) => type === 'AWS::CloudWatch::Alarm')
  const service = environmentOf(name)['POWERTOOLS_SERVICE_NAME']

  test('alarms: for each thing that must not happen unseen', () => {
    expect(alarms.map(([alarm]) => alarm).toSorted()).toEqual([
      'DeniedAlarm',
      'ErrorsAlarm',
      'ExpiredAlarm',
      'ForcedAlarm',
      'InboxAgeAlarm',
      'OldestDrainAlarm',
      'SilenceAlarm',
      'ThrottlesAlarm',
      'UndeliverableAlarm',
    ])
  })

  test.each(alarms)('%s has a metric that is published under that dimension', (_, { properties }) => {
    const { Namespace, MetricName, Dimensions } = properties
    const [dimension, ...more] = Dimensions as ReadonlyArray<JsonObject>
    expect(more).toEqual([])
    expect(isPublished(textOf(Namespace), textOf(MetricName), textOf(dimension?.['Name']))).toBe(true)
    if (Namespace === metricNamespace) expect(dimension?.['Value']).toBe(service)
  })

  test('the dashboard shows metrics that are published', () => {
    const body = textOf(resources['Dashboard']?.properties['DashboardBody'])
    const { widgets } = JSON.parse(body) as { widgets: { properties: { metrics: string[][] } }[] }
    const metrics = widgets.flatMap(({ properties }) => properties.metrics)
    expect(metrics.length).toBeGreaterThan(10)
    for (const [namespace = '', metric = '', dimension = '', value] of metrics) {
      expect(isPublished(namespace, metric, dimension), `${namespace} ${metric}`).toBe(true)
      if (namespace === metricNamespace) expect(value).toBe(service)
    }
  })

  test('the dashboard shows what each alarm watches, and the messages that could not be handled', () => {
    const body = textOf(resources['Dashboard']?.properties['DashboardBody'])
    const watched = alarms.map(([, { properties }]) => textOf(properties['MetricName']))
    for (const metric of [...watched, metricNames.failedMessages.name]) expect(body).toContain(`"${metric}"`)
  })

  test('docs/deploy.md says of each alarm what to do', () => {
    const page = readFileSync(new URL('../../../../docs/deploy.md', import.meta.url), 'utf8')
    for (const [, { properties }] of alarms) {
      const alarm = textOf(properties['AlarmName']).replace(/^drain-/, '')
      expect(page).toMatch(new RegExp(`^\\| \`${alarm}\` \\| [^|]+ \\| [A-Z][^|]+\\. \\|$`, 'm'))
    }
  })

  // AWS: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data".
  test('where nothing is measured: silence is bad, what counts is zero, and an age is what it was', () => {
    const treated = alarms.map(([alarm, { properties }]) => [alarm, properties['TreatMissingData']])
    expect(treated.filter(([, how]) => how !== 'notBreaching')).toEqual([
      ['SilenceAlarm', 'breaching'],
      ['OldestDrainAlarm', 'ignore'],
    ])
  })

  test('silence is that of the sweep, whatever else the function is told or does', () => {
    const { Namespace, MetricName, Statistic, ComparisonOperator, Threshold } =
      resources['SilenceAlarm']?.properties ?? {}
    // Published by each sweep that came through, also where no drain is open, and by nothing else.
    expect([Namespace, MetricName]).toEqual([metricNamespace, metricNames.openDrains.name])
    expect([Statistic, ComparisonOperator, Threshold]).toEqual(['SampleCount', 'LessThanThreshold', 1])
  })

  // AWS: CloudFormation template reference, "AWS::CloudWatch::Dashboard": all dashboards of an account are global.
  test('the dashboard has a name that no stack of another Region has', () => {
    expect(textOf(resources['Dashboard']?.properties['DashboardName'])).toBe('drain-eu-central-1')
  })

  test('alarms are told of where somebody wants to be told', () => {
    const actions = (parameters: Readonly<Record<string, string>>) =>
      resolveTemplate(loadTemplate(name), { ...parametersOf[name], ...parameters }).resources['ForcedAlarm']
        ?.properties['AlarmActions']
    const topic = 'arn:aws:sns:eu-central-1:123456789012:on-call'
    expect(actions({})).toBeUndefined()
    expect(actions({ AlarmTopicArn: topic })).toEqual([topic])
    expect(actions({ AlarmTopicArn: topic, AlarmEmail: 'us@example.com' })).toEqual([topic])
    expect(actions({ AlarmEmail: 'us@example.com' })).toEqual(['<AlarmTopic>'])
  })
})

test('names of metrics: one that is not published is found out', () => {
  expect(isPublished(metricNamespace, 'DrainsStarted', 'service')).toBe(true)
  expect(isPublished(metricNamespace, 'DrainsBegun', 'service')).toBe(false)
  expect(isPublished(metricNamespace, 'ColdStart', 'service')).toBe(false)
  expect(isPublished('AWS/SQS', 'Errors', 'QueueName')).toBe(false)
})
