// Two opinions on each template, and a planted error of each kind for each of them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findingsIn, freeEngine } from './findings.ts'
import { listOf } from './resolve.ts'
import { problemsOf } from './resource-schema.ts'
import { loadTemplate, parseTemplate, type TemplateName, templateFile, textOf, valueAt } from './template.ts'

/** Warnings that were looked at and stand, each with its reason; `NAME rule`. */
const warningsThatStand: ReadonlyArray<string> = [
  // An ARN without a reference: with one, the rule would be there before the permission that names it.
  'smallest W9002',
]

const names: ReadonlyArray<TemplateName> = ['template', 'attach', 'smallest']

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ecs-drain-template-'))
})
afterAll(() => {
  freeEngine()
  rmSync(folder, { recursive: true })
})

describe.each(names)('%s.yaml', (name) => {
  test("has nothing that AWS's validator finds", () => {
    const found = findingsIn(templateFile(name)).filter(({ text }) => {
      const rule = text.split(' ')[0] ?? ''
      return !warningsThatStand.includes(`${name} ${rule}`)
    })
    expect(found).toEqual([])
  }, 60_000)

  test('has nothing that the service specification lacks', () => {
    expect(problemsOf(loadTemplate(name))).toEqual([])
  }, 60_000)

  test('shows each of its parameters once in the console, where it sorts them', () => {
    const { Metadata, Parameters } = loadTemplate(name)
    const groups = valueAt(Metadata, 'AWS::CloudFormation::Interface', 'ParameterGroups')
    if (groups === undefined) return expect(name).toBe('smallest')
    const shown = listOf(groups).flatMap((group) => listOf(valueAt(group, 'Parameters')).map(textOf))
    expect(shown.toSorted()).toEqual(Object.keys(Parameters).toSorted())
  })

  // A change set takes 51,200 bytes without a bucket; `ecs-drain deploy` has one, by hand it is simpler without.
  test('can be deployed without a bucket for it', () => {
    expect(readFileSync(templateFile(name)).byteLength).toBeLessThanOrEqual(51_200)
  })
})

/** What is planted, where, and how each of the two says so. */
const planted = [
  {
    what: 'an unknown property',
    from: 'VisibilityTimeout: 280',
    to: 'VisibilityTimeOut: 280',
    validator: /FATAL F3002 Inbox/,
    specification: /^Inbox\.Properties: no property VisibilityTimeOut$/,
  },
  {
    what: 'a wrong type',
    from: 'VisibilityTimeout: 280',
    to: 'VisibilityTimeout: soon',
    validator: /FATAL F3012 Inbox/,
    specification: /^Inbox\.Properties\.VisibilityTimeout: expected an integer, got "soon"$/,
  },
  {
    what: 'a missing property',
    from: '      Protocol: sqs\n',
    to: '',
    validator: /FATAL F3003 NotificationSubscription/,
    specification: /^NotificationSubscription\.Properties: Protocol is missing$/,
  },
  {
    what: 'a value that an enumeration lacks',
    from: 'LaunchType: EC2',
    to: 'LaunchType: EC3',
    validator: /WARN W3030 Service/,
    specification: /^Service\.Properties\.LaunchType: expected one of EC2, FARGATE, EXTERNAL, got "EC3"$/,
  },
  {
    what: 'an unknown attribute',
    from: 'Endpoint: !GetAtt Inbox.Arn',
    to: 'Endpoint: !GetAtt Inbox.Arnn',
    validator: /ERROR E9004 NotificationSubscription/,
    specification: /^NotificationSubscription\.Properties\.Endpoint: Inbox has no attribute Arnn$/,
  },
  {
    what: 'an attribute of nothing',
    from: 'Endpoint: !GetAtt Inbox.Arn',
    to: 'Endpoint: !GetAtt Inbocs.Arn',
    validator: /FATAL F1\d+ NotificationSubscription/,
    specification: /^NotificationSubscription\.Properties\.Endpoint: GetAtt of Inbocs, which is not there$/,
  },
  {
    what: 'a Ref to nothing',
    from: 'ECS_DRAIN_QUEUE_URL: !Ref Inbox',
    to: 'ECS_DRAIN_QUEUE_URL: !Ref Inbocs',
    validator: /FATAL F1020 Function/,
    specification:
      /^Function\.Properties\.Environment\.Variables\.ECS_DRAIN_QUEUE_URL: Ref to Inbocs, which is not there$/,
  },
  {
    what: 'a text with a name of nothing in it',
    from: '{Cluster}\n            ECS_CONTAINER',
    to: '{Custer}\n            ECS_CONTAINER',
    validator: /FATAL F1018 LaunchTemplate/,
    specification: /^LaunchTemplate\.Properties\..*UserData.*: Ref to Custer, which is not there$/,
  },
  {
    what: 'an unknown type',
    from: 'Type: AWS::SQS::QueuePolicy',
    to: 'Type: AWS::SQS::QueuePolice',
    validator: /FATAL F3006 InboxPolicy/,
    specification: /^InboxPolicy: no resource type AWS::SQS::QueuePolice$/,
  },
  {
    what: 'a condition that is not there',
    from: 'S3ObjectVersion: !If [HasCodeVersion,',
    to: 'S3ObjectVersion: !If [HasCodeVersoin,',
    validator: /(FATAL|ERROR) \w+ /,
    specification: /^Function\.Properties\.Code\.S3ObjectVersion: no condition HasCodeVersoin$/,
  },
]

test("an unknown property of an UpdatePolicy is found, which AWS's validator passes over", () => {
  const text = readFileSync(templateFile('template'), 'utf8').replace('MaxBatchSize: 1', 'MaxBatchSizes: 1')
  expect(problemsOf(parseTemplate(text))).toEqual([
    'Group.UpdatePolicy.AutoScalingRollingUpdate: no property MaxBatchSizes',
  ])
})

describe.each(planted)('$what', ({ from, to, validator, specification }) => {
  const text = (): string => {
    const whole = readFileSync(templateFile('template'), 'utf8')
    expect(whole).toContain(from)
    return whole.replace(from, to)
  }

  test("is found by AWS's validator", () => {
    const file = join(folder, 'planted.yaml')
    writeFileSync(file, text())
    const found = findingsIn(file).map((finding) => `${finding.severity} ${finding.text}`)
    expect(found).toContainEqual(expect.stringMatching(validator))
  }, 60_000)

  test('is found by the service specification', () => {
    expect(problemsOf(parseTemplate(text()))).toContainEqual(expect.stringMatching(specification))
  }, 60_000)
})
