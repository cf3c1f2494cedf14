// The templates and the function speak of the same environment variables and the same metrics.
import { readFileSync } from 'node:fs'
import type { DrainPolicy } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { expectedOf, parametersIn } from '../../src/deploy/template-parameters.ts'
import { type Configuration, environmentVariables, readEnvironment } from '../../src/environment.ts'
import { metricNames, metricNamespace } from '../../src/metric-names.ts'
import { listOf, resolveTemplate, someParameters } from './resolve.ts'
import { type JsonObject, loadTemplate, type TemplateName, templateFile, textOf, valueAt } from './template.ts'

const someSmallest = { ClusterName: 'production', GroupName: 'web', CodeBucket: 'code', CodeKey: 'zip' }
const parametersOf = { ...someParameters, smallest: someSmallest }

const environmentOf = (name: TemplateName, parameters: Readonly<Record<string, string>> = {}) => {
  const { resources } = resolveTemplate(loadTemplate(name), { ...parametersOf[name], ...parameters })
  const variables = valueAt(resources['Function']?.properties, 'Environment', 'Variables')
  return variables as Readonly<Record<string, string>>
}

/** What a function with that environment reads of it. */
const readConfiguration = (name: TemplateName, parameters: Readonly<Record<string, string>> = {}) => {
  const made: Readonly<Record<string, string>> = {
    '<Cluster>': 'production',
    '<Inbox>': 'https://sqs.eu-central-1.amazonaws.com/123456789012/inbox',
    '<Table>': 'drain-Table-1ABC',
  }
  const variables = Object.entries(environmentOf(name, parameters)).map(([key, value]) => [key, made[value] ?? value])
  return readEnvironment({ AWS_REGION: 'eu-central-1', ...Object.fromEntries(variables) })
}

const configurationOf = (name: TemplateName, parameters: Readonly<Record<string, string>> = {}): Configuration => {
  const read = readConfiguration(name, parameters)
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

  test.each(['template', 'attach'] as const)(
    'no number that %s.yaml takes keeps the function from starting',
    (name) => {
      const numbers = [
        '0',
        '0.5',
        '1',
        '1.5',
        '1.2345',
        '30.0',
        '60',
        '60.5',
        '300',
        '301',
        '9999',
        '10000',
        '172800',
        '172801',
      ]
      const ofFunction = /^(Deadline|Settle|StopGrace|StopStandaloneAfter)Seconds$|^RetentionDays$/
      const parameters = parametersIn(readFileSync(templateFile(name), 'utf8')).filter((each) =>
        ofFunction.test(each.name),
      )
      const refusals = parameters.map((parameter) => {
        const taken = numbers.filter((each) => expectedOf(parameter, each) === null)
        const starts = (value: string): boolean => readConfiguration(name, { [parameter.name]: value })._tag === 'Right'
        return [parameter.name, taken.includes('60'), taken.filter((each) => !starts(each))]
      })
      expect(refusals).toHaveLength(5)
      expect(refusals).toEqual(parameters.map((parameter) => [parameter.name, true, []]))
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

const page = readFileSync(new URL('../../../../docs/deploy.md', import.meta.url), 'utf8')

/** What was published in each period of an alarm. */
type Periods = ReadonlyArray<ReadonlyArray<number>>

/** What CloudWatch makes of the values of a period (AWS: CloudWatch user guide, "Statistics definitions"); null: nothing was published. */
const statisticOf = (statistic: string, values: ReadonlyArray<number>): number | null => {
  if (values.length === 0) return null
  switch (statistic) {
    case 'Sum':
      return values.reduce((sum, value) => sum + value, 0)
    case 'Maximum':
      return Math.max(...values)
    case 'SampleCount':
      return values.length
    default:
      throw new Error(`no statistic ${statistic}`)
  }
}

/** Whether an alarm goes off by as many periods as it looks at. */
const goesOff = (alarm: JsonObject, periods: Periods): boolean => {
  const { Statistic, ComparisonOperator, Threshold, EvaluationPeriods, TreatMissingData } = alarm
  expect(periods).toHaveLength(Number(EvaluationPeriods))
  expect(ComparisonOperator).toMatch(/^(Less|Greater)ThanThreshold$/)
  const breaches = (value: number): boolean =>
    ComparisonOperator === 'LessThanThreshold' ? value < Number(Threshold) : value > Number(Threshold)
  const breaching = periods
    .map((values) => statisticOf(textOf(Statistic), values))
    .filter((value) => (value === null ? TreatMissingData === 'breaching' : breaches(value)))
  return breaching.length >= Number(alarm['DatapointsToAlarm'] ?? EvaluationPeriods)
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

  // AWS: CloudWatch, PutMetricAlarm: AlarmDescription has at most 1,024 characters.
  test.each(alarms)('%s says what it means, and has the command that comes next', (_, { properties }) => {
    const [, first, next] =
      /^([A-Z][^.]+)\. .*: ((?:aws|npx ecs-drain explain) .+)$/.exec(textOf(properties['AlarmDescription'])) ?? []
    expect(first).toBeDefined()
    expect(next).toContain('--region eu-central-1')
    expect(textOf(properties['AlarmDescription']).length).toBeLessThan(900)
  })

  test('docs/deploy.md says of each alarm what to do', () => {
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

  // Of the values of a few periods, the latest last: which raise the alarm, and which are just not enough. Silence is that of the sweep,
  // which publishes how many drains are open also where none is, and nothing else does.
  test.each<[alarm: string, metric: string, of: string, minutes: number, raise: Periods, doNot: Periods]>([
    ['UndeliverableAlarm', 'ApproximateNumberOfMessagesVisible', '<Undeliverable.QueueName>', 5, [[0, 1, 0]], [[0]]],
    ['InboxAgeAlarm', 'ApproximateAgeOfOldestMessage', '<Inbox.QueueName>', 10, [[0, 1801], [1801]], [[1801], [1800]]],
    ['ErrorsAlarm', 'Errors', '<Function>', 10, [[0, 1], [], [1, 0]], [[1, 1], [0], []]],
    ['ThrottlesAlarm', 'Throttles', '<Function>', 10, [[0, 1], [], [1, 0]], [[1, 1], [0], []]],
    ['SilenceAlarm', 'OpenDrains', 'drain', 10, [[]], [[0]]],
    ['OldestDrainAlarm', 'OldestOpenDrainSeconds', 'drain', 5, [[0, 3601]], [[3600, 3600]]],
    ['ForcedAlarm', 'DrainsForced', 'drain', 5, [[1]], [[]]],
    ['ExpiredAlarm', 'DrainsExpired', 'drain', 5, [[1]], [[]]],
    ['DeniedAlarm', 'ApiCallsDenied', 'drain', 5, [[1]], [[]]],
  ])('%s goes off by %s of %s, within %i minutes', (alarm, metric, of, minutes, raise, doNot) => {
    const properties = resources[alarm]?.properties ?? {}
    const { MetricName, Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = properties
    expect([MetricName, ...listOf(properties['Dimensions']).map((each) => valueAt(each, 'Value'))]).toEqual([
      metric,
      of,
    ])
    expect((Number(Period) * Number(DatapointsToAlarm)) / 60).toBe(minutes)
    expect([goesOff(properties, raise), goesOff(properties, doNot)]).toEqual([true, false])
  })

  test('docs/deploy.md says which comes first', () => {
    expect(page).toContain('`denied`, within five minutes.')
    expect(page).toContain('`errors`, after ten.')
    expect(page).toContain('`silence`, after ten.')
    expect(page).toContain('`oldest-drain`, after an hour.')
    expect(loadTemplate(name).Parameters['OldestDrainAlarmSeconds']?.Default).toBe(3600)
  })

  test('the alarm for the oldest drain goes off at the age that was asked for', () => {
    const parameters = { ...parametersOf[name], OldestDrainAlarmSeconds: '600' }
    const asked = resolveTemplate(loadTemplate(name), parameters).resources['OldestDrainAlarm']?.properties ?? {}
    expect([goesOff(asked, [[601]]), goesOff(asked, [[600]])]).toEqual([true, false])
  })

  // AWS: CloudFormation template reference, "AWS::CloudWatch::Dashboard": all dashboards of an account are global.
  test('the dashboard has a name that no stack of another Region has', () => {
    expect(textOf(resources['Dashboard']?.properties['DashboardName'])).toBe('drain-eu-central-1')
  })

  test('every alarm is told of where somebody wants to be told', () => {
    const told = (parameters: Readonly<Record<string, string>>) => {
      const made = resolveTemplate(loadTemplate(name), { ...parametersOf[name], ...parameters }).resources
      return new Set(alarms.map(([alarm]) => JSON.stringify(made[alarm]?.properties['AlarmActions'])))
    }
    const topic = 'arn:aws:sns:eu-central-1:123456789012:on-call'
    expect(told({})).toEqual(new Set([undefined]))
    expect(told({ AlarmTopicArn: topic })).toEqual(new Set([`["${topic}"]`]))
    expect(told({ AlarmTopicArn: topic, AlarmEmail: 'us@example.com' })).toEqual(new Set([`["${topic}"]`]))
    expect(told({ AlarmEmail: 'us@example.com' })).toEqual(new Set(['["<AlarmTopic>"]']))
  })
})

test('names of metrics: one that is not published is found out', () => {
  expect(isPublished(metricNamespace, 'DrainsStarted', 'service')).toBe(true)
  expect(isPublished(metricNamespace, 'DrainsBegun', 'service')).toBe(false)
  expect(isPublished(metricNamespace, 'ColdStart', 'service')).toBe(false)
  expect(isPublished('AWS/SQS', 'Errors', 'QueueName')).toBe(false)
})
