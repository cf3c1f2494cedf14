// The role of the function may do what the adapter and Lambda call, on what they call it on, and nothing else.
import { requiredActions } from '@ecs-drain/aws-adapter'
import { describe, expect, test } from 'vitest'
import { platformActions } from '../../src/platform-actions.ts'
import { listOf, resolveTemplate, someParameters } from './resolve.ts'
import { isObject, type Json, type JsonObject, loadTemplate, type TemplateName, textOf } from './template.ts'

/** What one action may be done on. */
interface Grant {
  readonly resources: ReadonlyArray<Json>
  readonly clusters: ReadonlyArray<Json> | null
}

/** What a deployment is about. */
interface Scope {
  readonly clusterArns: ReadonlyArray<string>
  readonly clusters: ReadonlyArray<string>
  readonly groups: ReadonlyArray<string>
  readonly hasQueue: boolean
  readonly stopsTasks: boolean
}

const ecsArn = (rest: string): string => `arn:aws:ecs:eu-central-1:123456789012:${rest}`
const groupArn = (name: string): string =>
  `arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/${name}`

type ResourceType = (typeof requiredActions)[number]['resourceType'] | (typeof platformActions)[number]['resourceType']

const resourcesOf = (type: ResourceType, scope: Scope): ReadonlyArray<string> => {
  switch (type) {
    case 'cluster':
      return scope.clusterArns
    case 'container-instance':
    case 'task':
      return scope.clusters.map((name) => ecsArn(`${type}/${name}/*`))
    case 'autoScalingGroup':
      return scope.groups.map(groupArn)
    case 'table':
      return ['<Table.Arn>']
    case 'queue':
      return ['<Inbox.Arn>']
    case 'log-group':
      return ['<FunctionLogGroup.Arn>']
    case null:
      return ['*']
  }
}

/** As narrow as IAM allows: by resource where the action knows one, and by cluster where it knows that. */
const expectedGrants = (scope: Scope): Readonly<Record<string, Grant>> => {
  const actions = [...requiredActions, ...platformActions.map((each) => ({ ...each, conditionKeys: [] as string[] }))]
  return Object.fromEntries(
    actions
      .filter(({ resourceType }) => scope.hasQueue || resourceType !== 'queue')
      .filter(({ action }) => scope.stopsTasks || action !== 'ecs:StopTask')
      .map(({ action, resourceType, conditionKeys }) => [
        action,
        {
          resources: resourcesOf(resourceType, scope),
          clusters: conditionKeys.includes('ecs:cluster') ? scope.clusterArns : null,
        },
      ]),
  )
}

/** What the statements of a role grant, an entry for each action. Throws where one is granted twice, or denied. */
const grantsOf = (role: JsonObject): Readonly<Record<string, Grant>> => {
  const statements = listOf(role['Policies']).flatMap((policy) => {
    const document = isObject(policy) ? policy['PolicyDocument'] : undefined
    return isObject(document) ? listOf(document['Statement']) : []
  })
  const grants: Record<string, Grant> = {}
  for (const statement of statements) {
    if (!isObject(statement) || statement['Effect'] !== 'Allow') throw new Error('only Allow is understood here')
    const { Condition = null } = statement
    const clusters =
      isObject(Condition) && isObject(Condition['ArnEquals']) ? Condition['ArnEquals']['ecs:cluster'] : null
    if (Condition !== null && clusters === null) throw new Error(`an unknown condition: ${JSON.stringify(Condition)}`)
    for (const action of listOf(statement['Action'])) {
      if (Object.hasOwn(grants, textOf(action))) throw new Error(`${textOf(action)} is granted twice`)
      grants[textOf(action)] = {
        resources: listOf(statement['Resource']),
        clusters: clusters === null ? null : listOf(clusters),
      }
    }
  }
  return grants
}

const functionRole = (name: TemplateName, parameters: Readonly<Record<string, string>>): JsonObject => {
  const { resources } = resolveTemplate(loadTemplate(name), parameters)
  const role = resources['FunctionRole']
  if (role === undefined) throw new Error('no role')
  expect(role.properties['ManagedPolicyArns']).toBeUndefined()
  return role.properties
}

const names = (count: number, word: string): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `${word}-${index + 1}`)

describe('the role of the function may do what is required and nothing else', () => {
  test('in template.yaml', () => {
    const scope = {
      clusterArns: ['<Cluster.Arn>'],
      clusters: ['<Cluster>'],
      groups: ['drain-instances'],
      hasQueue: true,
      stopsTasks: false,
    }
    expect(grantsOf(functionRole('template', someParameters.template))).toEqual(expectedGrants(scope))
  })

  test.each([
    ['template', { DeadlineSeconds: '600', AtDeadline: 'stop-tasks' }, true],
    ['template', { StopStandaloneAfterSeconds: '0' }, true],
    ['template', { DeadlineSeconds: '600', AtDeadline: 'continue' }, false],
    ['attach', { DeadlineSeconds: '600', AtDeadline: 'stop-tasks' }, true],
    ['attach', { StopStandaloneAfterSeconds: '600' }, true],
    ['attach', { DeadlineSeconds: '600', AtDeadline: 'abandon' }, false],
  ] as const)('in %s.yaml with %j it may stop tasks: %s', (name, parameters, stopsTasks) => {
    const grants = grantsOf(functionRole(name, { ...someParameters[name], ...parameters }))
    expect(Object.hasOwn(grants, 'ecs:StopTask')).toBe(stopsTasks)
    if (stopsTasks) expect(grants['ecs:StopTask']).toEqual(grants['ecs:DescribeTasks'])
  })

  test.each([1, 2, 3, 4, 5])('in attach.yaml, attached to %i clusters and as many groups', (count) => {
    const clusters = names(count, 'cluster')
    const groups = names(count, 'group')
    const parameters = { ...someParameters.attach, ClusterNames: clusters.join(','), GroupNames: groups.join(',') }
    const clusterArns = clusters.map((name) => ecsArn(`cluster/${name}`))
    expect(grantsOf(functionRole('attach', parameters))).toEqual(
      expectedGrants({ clusterArns, clusters, groups, hasQueue: true, stopsTasks: false }),
    )
  })

  test('in smallest.yaml, which has no queue', () => {
    const parameters = { ClusterName: 'production', GroupName: 'web', CodeBucket: 'code', CodeKey: 'zip' }
    const clusterArns = [ecsArn('cluster/production')]
    expect(grantsOf(functionRole('smallest', parameters))).toEqual(
      expectedGrants({ clusterArns, clusters: ['production'], groups: ['web'], hasQueue: false, stopsTasks: false }),
    )
  })
})

describe('names that somebody may give to attach.yaml', () => {
  const { ClusterNames, GroupNames } = loadTemplate('attach').Parameters
  const isAllowed = (pattern: string | undefined, text: string): boolean => new RegExp(`^(?:${pattern})$`).test(text)

  test.each(['web', 'web,workers', 'a,b,c,d,e'])('%s', (text) => {
    expect(isAllowed(ClusterNames?.AllowedPattern, text)).toBe(true)
    expect(isAllowed(GroupNames?.AllowedPattern, text)).toBe(true)
  })

  // A sixth would be left out without a word, and a wildcard would widen the role.
  test.each(['', ',', 'web,', 'web,,b', 'a,b,c,d,e,f', 'web,*', 'w?b', 'web, b', '$' + '{AWS::Region}'])(
    'not %j',
    (text) => {
      expect(isAllowed(ClusterNames?.AllowedPattern, text)).toBe(false)
      expect(isAllowed(GroupNames?.AllowedPattern, text)).toBe(false)
    },
  )
})
