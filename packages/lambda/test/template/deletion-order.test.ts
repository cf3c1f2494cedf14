// docs/decisions/0009-deletion-order.md, computed from the templates: what answers a hook is there before the hook is, and
// as long as it is.
import { describe, expect, test } from 'vitest'
import { deletionWaves, neededBy, referencesOf } from './references.ts'
import { isObject, type Json, loadTemplate, type Template } from './template.ts'

/** Watches, and answers nothing: may come and go at any time. */
const isOnlooker = (type: string): boolean => type.startsWith('AWS::CloudWatch::')
const alarmNames = ['AlarmSubscription', 'AlarmTopic', 'AlarmTopicPolicy']

/** What may be deleted before something else is: nothing in it keeps that one's promise. */
const notNeededBy = (name: string, template: Template): ReadonlyArray<string> => {
  const needed = neededBy(name, referencesOf(template))
  return Object.entries(template.Resources)
    .filter(([each, { Type }]) => each !== name && !needed.has(each) && !isOnlooker(Type) && !alarmNames.includes(each))
    .map(([each]) => each)
    .toSorted()
}

describe('template.yaml', () => {
  const template = loadTemplate('template')

  test('the hook is part of the group: there before the first instance and until the last', () => {
    const hooks: Json | undefined = template.Resources['Group']?.Properties?.['LifecycleHookSpecificationList']
    expect(Array.isArray(hooks) && hooks.map((hook: Json) => isObject(hook) && hook['LifecycleTransition'])).toEqual([
      'autoscaling:EC2_INSTANCE_TERMINATING',
    ])
    expect(Object.values(template.Resources).filter(({ Type }) => Type.endsWith('::LifecycleHook'))).toEqual([])
  })

  test('the group needs everything else, but for the service and what is its own', () => {
    expect(notNeededBy('Group', template)).toEqual(['ExecutionRole', 'Service', 'ServiceLogGroup', 'TaskDefinition'])
  })

  test('the service is deleted first, so that nothing waits for room on instances that all go', () => {
    expect(neededBy('Service', referencesOf(template))).toContain('Group')
  })

  test('in order: the service, the group, what answers the hook', () => {
    const waves = deletionWaves(referencesOf(template))
    const waveOf = (name: string): number => waves.findIndex((wave) => wave.includes(name))
    expect(waveOf('Service')).toBe(0)
    expect(waveOf('Group')).toBe(1)
    for (const name of neededBy('Group', referencesOf(template))) expect(waveOf(name), name).toBeGreaterThan(1)
    expect(waves.flat()).toHaveLength(Object.keys(template.Resources).length)
  })

  // Without it nothing but the topic and the role of the notification would be left to the group.
  test('it is DependsOn that says so', () => {
    const { Group, ...others } = template.Resources
    if (Group === undefined) throw new Error('no group')
    const { DependsOn, ...without } = Group
    expect(DependsOn).toContain('Events')
    const left = notNeededBy('Group', { ...template, Resources: { ...others, Group: without } })
    expect(left).toEqual(
      expect.arrayContaining(['Events', 'Function', 'Inbox', 'NotificationSubscription', 'TaskStoppedRule']),
    )
  })
})

describe.each(['attach', 'smallest'] as const)('%s.yaml', (name) => {
  const template = loadTemplate(name)
  const hooks = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::AutoScaling::LifecycleHook')

  // Retain would keep a hook as well that was made in vain, beside one whose group has a mistyped name: it would hold instances with
  // nobody to answer, and keep its name from the next try (AWS: CloudFormation template reference, "DeletionPolicy").
  test('has hooks, which outlive the stack, and not the making of it that fails', () => {
    expect(hooks).toHaveLength(name === 'attach' ? 5 : 1)
    for (const [, { DeletionPolicy, UpdateReplacePolicy }] of hooks) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain'])
    }
  })

  test.each(hooks.map(([each]) => each))('%s is made when all that answers it is there', (hook) => {
    const others = hooks.map(([each]) => each).filter((each) => each !== hook)
    expect(notNeededBy(hook, template)).toEqual(others.toSorted())
  })

  test('nothing needs a hook, and there is no circle', () => {
    const references = referencesOf(template)
    for (const [hook] of hooks) for (const each of references.values()) expect(each).not.toContain(hook)
    expect(() => deletionWaves(references)).not.toThrow()
  })
})

// AWS: EventBridge user guide, "Using dead-letter queues": what is not permitted is not tried again.
test.each([
  ['template', 4, ['InboxPolicy', 'UndeliverablePolicy']],
  ['attach', 4, ['InboxPolicy', 'UndeliverablePolicy']],
  ['smallest', 2, []],
] as const)('no rule of %s.yaml is there before it may send', (name, count, policies) => {
  const template = loadTemplate(name)
  const rules = Object.keys(template.Resources).filter((each) => each.endsWith('Rule'))
  expect(rules).toHaveLength(count)
  for (const rule of rules) {
    const permission = name === 'smallest' ? [rule.replace('Rule', 'Permission')] : policies
    expect([...neededBy(rule, referencesOf(template))]).toEqual(expect.arrayContaining([...permission]))
  }
})

test('a circle is found', () => {
  const circle = new Map([
    ['A', new Set(['B'])],
    ['B', new Set(['A'])],
  ])
  expect(() => deletionWaves(circle)).toThrow('a circle among A, B')
})
