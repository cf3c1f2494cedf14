import { contradictionsOf, type DrainPolicy, drainPolicy, hours, minutes, seconds } from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { environmentVariables, readEnvironment } from '../src/environment.ts'

const least = {
  AWS_REGION: 'eu-west-1',
  ECS_DRAIN_CLUSTERS: 'web',
  ECS_DRAIN_HOOK: 'drain',
  ECS_DRAIN_GROUPS: 'web-hosts',
  ECS_DRAIN_TABLE: 'ecs-drain',
  ECS_DRAIN_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/ecs-drain',
}

const read = (environment: Readonly<Record<string, string | undefined>>) => {
  const configuration = readEnvironment({ ...least, ...environment })
  if (E.isLeft(configuration)) throw new Error(configuration.left.join('\n'))
  return configuration.right
}

const problems = (environment: Readonly<Record<string, string | undefined>>): ReadonlyArray<string> => {
  const configuration = readEnvironment({ ...least, ...environment })
  return E.isLeft(configuration) ? configuration.left : []
}

test("the least that must be said leaves the core's defaults in place", () => {
  const { policy, ...others } = read({})
  expect(policy).toEqual(
    drainPolicy({ hooks: [{ name: 'drain', groups: ['web-hosts'] }], clusters: ['web'] } as unknown as DrainPolicy),
  )
  expect(others).toEqual({
    region: 'eu-west-1',
    table: 'ecs-drain',
    queueUrl: least.ECS_DRAIN_QUEUE_URL,
    retention: hours(30 * 24),
    logLevel: null,
  })
})

test('everything that can be said reaches the policy', () => {
  const configuration = read({
    ECS_DRAIN_CLUSTERS: 'web, batch,,web',
    ECS_DRAIN_METADATA_CLUSTERS: 'team-*',
    ECS_DRAIN_GROUPS: 'web-hosts , batch-hosts',
    ECS_DRAIN_ACCOUNT: '111122223333',
    ECS_DRAIN_SWEEP_SECONDS: '60',
    ECS_DRAIN_SETTLE_SECONDS: '2.5',
    ECS_DRAIN_SPREAD_READS_SECONDS: '20',
    ECS_DRAIN_NOT_FOUND_GRACE_SECONDS: '90',
    ECS_DRAIN_DEADLINE_SECONDS: '3600',
    ECS_DRAIN_AT_DEADLINE: 'stop-tasks',
    ECS_DRAIN_STOP_GRACE_SECONDS: '120',
    ECS_DRAIN_STOP_STANDALONE_AFTER_SECONDS: '0',
    ECS_DRAIN_RETRY_FIRST_SECONDS: '2',
    ECS_DRAIN_RETRY_MOST_SECONDS: '30',
    ECS_DRAIN_WAKE_UPS_IN_A_ROW: '8',
    ECS_DRAIN_RETENTION_DAYS: '7',
    ECS_DRAIN_LOG_LEVEL: 'WARN',
  })
  expect(configuration.policy).toEqual({
    hooks: [{ name: 'drain', groups: ['web-hosts', 'batch-hosts'] }],
    clusters: ['web', 'batch'],
    metadataClusters: ['team-*'],
    account: '111122223333',
    settle: 2_500,
    spreadReads: seconds(20),
    notFoundGrace: seconds(90),
    deadline: { after: hours(1), choice: 'stop-tasks' },
    stopGrace: minutes(2),
    standaloneAfter: 0,
    sweepEvery: minutes(1),
    retry: { first: seconds(2), most: seconds(30) },
    hopsMax: 8,
  })
  expect(configuration).toMatchObject({ retention: hours(7 * 24), logLevel: 'WARN' })
})

test('every field of the policy can be said', () => {
  const all = read({})
  const others: Readonly<Record<string, string>> = {
    ECS_DRAIN_CLUSTERS: 'other',
    ECS_DRAIN_METADATA_CLUSTERS: 'other',
    ECS_DRAIN_HOOK: 'other',
    ECS_DRAIN_ACCOUNT: '999999999999',
    ECS_DRAIN_SWEEP_SECONDS: '77',
    ECS_DRAIN_SETTLE_SECONDS: '77',
    ECS_DRAIN_SPREAD_READS_SECONDS: '77',
    ECS_DRAIN_NOT_FOUND_GRACE_SECONDS: '77',
    ECS_DRAIN_DEADLINE_SECONDS: '77',
    ECS_DRAIN_AT_DEADLINE: 'wait',
    ECS_DRAIN_STOP_GRACE_SECONDS: '77',
    ECS_DRAIN_STOP_STANDALONE_AFTER_SECONDS: '77',
    ECS_DRAIN_RETRY_MOST_SECONDS: '77',
    ECS_DRAIN_WAKE_UPS_IN_A_ROW: '7',
  }
  const changed = read(others).policy
  const same = (Object.keys(all.policy) as Array<keyof DrainPolicy>).filter(
    (field) => JSON.stringify(all.policy[field]) === JSON.stringify(changed[field]),
  )
  expect(same).toEqual([])
})

describe('the groups', () => {
  test('every group is ours only where that was asked for in so many words', () => {
    expect(read({ ECS_DRAIN_GROUPS: '*' }).policy.hooks).toEqual([{ name: 'drain', groups: null }])
    const expected =
      'ECS_DRAIN_GROUPS: expected a comma-separated list of names of Auto Scaling groups, ' +
      'or * alone for every group of the account and Region'
    expect(problems({ ECS_DRAIN_GROUPS: '' })).toEqual([`${expected}, got nothing`])
    expect(problems({ ECS_DRAIN_GROUPS: undefined })).toEqual([`${expected}, got nothing`])
    expect(problems({ ECS_DRAIN_GROUPS: 'web-hosts,*' })).toEqual([`${expected}, got "web-hosts,*"`])
    expect(problems({ ECS_DRAIN_GROUPS: ' , ' })).toEqual([`${expected}, got ","`])
  })
})

test('without a queue no wake-up is ever owed', () => {
  expect(read({ ECS_DRAIN_QUEUE_URL: '' })).toMatchObject({ queueUrl: null, policy: { hopsMax: 0 } })
  expect(read({ ECS_DRAIN_QUEUE_URL: undefined })).toMatchObject({ queueUrl: null, policy: { hopsMax: 0 } })
})

describe('what is wrong', () => {
  test('is said all at once, with the name, what was expected and what was got', () => {
    expect(
      problems({
        AWS_REGION: undefined,
        ECS_DRAIN_CLUSTERS: 'arn:aws:ecs:eu-west-1:111122223333:cluster/web',
        ECS_DRAIN_HOOK: 'my hook',
        ECS_DRAIN_TABLE: '',
        ECS_DRAIN_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/ecs-drain.fifo',
        ECS_DRAIN_ACCOUNT: '1111',
        ECS_DRAIN_SETTLE_SECONDS: '-1',
        ECS_DRAIN_SWEEP_SECONDS: '0',
        ECS_DRAIN_RETRY_FIRST_SECONDS: '3',
        ECS_DRAIN_RETRY_MOST_SECONDS: '2',
        ECS_DRAIN_AT_DEADLINE: 'continue',
        ECS_DRAIN_LOG_LEVEL: 'loud',
        ECS_DRAIN_RETENTION_DAYS: '1e3',
        ECS_DRAIN_DEADLINE_SECOND: '3600',
      }),
    ).toEqual([
      'ECS_DRAIN_DEADLINE_SECOND: expected one of the variables of ecs-drain, got a name it does not know',
      'AWS_REGION: expected an AWS Region, got nothing',
      'ECS_DRAIN_HOOK: expected the name of a lifecycle hook, got "my hook"',
      'ECS_DRAIN_CLUSTERS: expected a comma-separated list of names of clusters, got "arn:aws:ecs:eu-west-1:111122223333:cluster/web"',
      'ECS_DRAIN_TABLE: expected the name of a DynamoDB table, got nothing',
      'ECS_DRAIN_QUEUE_URL: expected the URL of a standard SQS queue, ' +
        'got "https://sqs.eu-west-1.amazonaws.com/111122223333/ecs-drain.fifo"',
      'ECS_DRAIN_DEADLINE_SECONDS: expected a number of seconds from 60 to 172800, because ECS_DRAIN_AT_DEADLINE is given, got nothing',
      'ECS_DRAIN_ACCOUNT: expected the 12 digits of an AWS account, got "1111"',
      'ECS_DRAIN_SETTLE_SECONDS: expected a number of seconds from 1 to 172800, got "-1"',
      'ECS_DRAIN_SWEEP_SECONDS: expected a number of seconds from 1 to 172800, got "0"',
      'ECS_DRAIN_RETENTION_DAYS: expected an integer from 1 to 3650, got "1e3"',
      'ECS_DRAIN_LOG_LEVEL: expected one of TRACE, DEBUG, INFO, WARN, ERROR, CRITICAL, SILENT, got "loud"',
      'ECS_DRAIN_RETRY_FIRST_SECONDS, ECS_DRAIN_RETRY_MOST_SECONDS: ' +
        'the longest wait must not be shorter than the first, got "3" and "2"',
    ])
  })

  test('is a deadline of no time, with which every host would be let go at once', () => {
    expect(problems({ ECS_DRAIN_DEADLINE_SECONDS: '0', ECS_DRAIN_AT_DEADLINE: 'continue' })).toEqual([
      'ECS_DRAIN_DEADLINE_SECONDS: expected a number of seconds from 60 to 172800, got "0"',
    ])
  })

  test('is said of what a function without a queue has no use for, too', () => {
    expect(problems({ ECS_DRAIN_QUEUE_URL: '', ECS_DRAIN_WAKE_UPS_IN_A_ROW: '16' })).toEqual([
      'ECS_DRAIN_WAKE_UPS_IN_A_ROW: expected an integer from 0 to 15, got "16"',
    ])
    const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/ecs-drain.fifo'
    expect(problems({ ECS_DRAIN_QUEUE_URL: queueUrl, ECS_DRAIN_WAKE_UPS_IN_A_ROW: '16' })).toHaveLength(2)
  })

  test.each([
    ['ECS_DRAIN_RETENTION_DAYS', ['1', '3650'], ['0', '3651']],
    ['ECS_DRAIN_WAKE_UPS_IN_A_ROW', ['0', '15'], ['-1', '16']],
    ['ECS_DRAIN_SETTLE_SECONDS', ['1', '2.125', '172800'], ['172800.001', '1e3', '5 minutes', '.5']],
    ['ECS_DRAIN_METADATA_CLUSTERS', ['team-*', '*'], ['team *', 'cluster/team-*']],
  ])('is a %s that is out of bounds: %j are taken, %j are not', (name, good, bad) => {
    expect(good.filter((text) => problems({ [name]: text }).length > 0)).toEqual([])
    expect(bad.filter((text) => problems({ [name]: text }).length === 0)).toEqual([])
  })

  const durations = environmentVariables.filter(({ expected }) => expected.includes('seconds'))
  test.each(durations)('is a $name that is not $expected, and nothing else', ({ name, expected }) => {
    const others = {
      ECS_DRAIN_RETRY_MOST_SECONDS: '172800',
      ...(name === 'ECS_DRAIN_DEADLINE_SECONDS' ? { ECS_DRAIN_AT_DEADLINE: 'wait' } : {}),
    }
    const saying = (text: string): ReadonlyArray<string> => problems({ ...others, [name]: text })
    const bounds: ReadonlyArray<string> = expected.match(/\d+/g) ?? []
    expect(bounds.flatMap(saying)).toEqual([])
    const outside = [...(bounds.includes('0') ? [] : ['0']), '0.5', '172801']
    expect(outside.flatMap(saying)).toEqual(outside.map((text) => `${name}: expected ${expected}, got "${text}"`))
  })

  test('is a deadline of which nobody has said what happens then', () => {
    expect(problems({ ECS_DRAIN_DEADLINE_SECONDS: '3600' })).toEqual([
      'ECS_DRAIN_AT_DEADLINE: expected one of continue, stop-tasks, abandon, wait, ' +
        'because ECS_DRAIN_DEADLINE_SECONDS is given, got nothing',
    ])
  })

  test('and cannot be read is said once, without what follows from it', () => {
    expect(problems({ ECS_DRAIN_HOOK: '' })).toEqual([
      'ECS_DRAIN_HOOK: expected the name of a lifecycle hook, got nothing',
    ])
  })

  test.each([
    [{ ECS_DRAIN_CLUSTERS: '' }, 'ECS_DRAIN_CLUSTERS, ECS_DRAIN_METADATA_CLUSTERS: name at least one'],
    [
      { ECS_DRAIN_RETRY_FIRST_SECONDS: '61' },
      'ECS_DRAIN_RETRY_FIRST_SECONDS, ECS_DRAIN_RETRY_MOST_SECONDS: the longest',
    ],
  ])('%j contradicts itself, in the words of the core', (environment, beginning) => {
    expect(problems(environment)).toHaveLength(1)
    expect(problems(environment)[0]).toContain(beginning)
  })

  test('a secret in the wrong place is not written to the log', () => {
    expect(problems({ ECS_DRAIN_TABLE: 'x'.repeat(5_000) })).toEqual([
      'ECS_DRAIN_TABLE: expected the name of a DynamoDB table, got a text of 5000 characters',
    ])
  })

  test('a name that nobody knows is told in the order of names, as far as it can be one', () => {
    const unknown = 'expected one of the variables of ecs-drain, got a name it does not know'
    expect(problems({ [`ECS_DRAIN_${'Z'.repeat(5_000)}`]: 'x', ECS_DRAIN_A: 'x' })).toEqual([
      `ECS_DRAIN_A: ${unknown}`,
      `ECS_DRAIN_${'Z'.repeat(90)}: ${unknown}`,
    ])
  })

  test('names of Object are no variables', () => {
    expect(E.isLeft(readEnvironment({}))).toBe(true)
    expect(E.isLeft(readEnvironment(Object.create(least)))).toBe(true)
  })
})

test('the list of variables is what a template and a page need', () => {
  expect(environmentVariables.filter(({ required }) => required).map(({ name }) => name)).toEqual([
    'ECS_DRAIN_HOOK',
    'ECS_DRAIN_GROUPS',
    'ECS_DRAIN_TABLE',
    'AWS_REGION',
  ])
  const texts = environmentVariables.flatMap((each) => (each.default === null ? [] : [[each.name, each.default]]))
  expect(read(Object.fromEntries(texts))).toEqual(read({}))
  expect(contradictionsOf(read({}).policy)).toEqual([])
})
