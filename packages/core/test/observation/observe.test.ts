import { describe, expect, test } from 'vitest'
import { clustersFor, isOurs, observe } from '../../src/observation/observe.ts'
import {
  at,
  id,
  lifecycleAction,
  notice,
  policy,
  stoppedTask,
  theCluster,
  theContainerInstance,
  theGroup,
  theHook,
  theStream,
} from '../../src/testing/index.ts'

const ignored = (why: string) => ({ type: 'ignored', why })

describe('R1: only a terminating action of a hook that is ours is acted on', () => {
  test("another hook's action is ignored, also in a group of ours", () => {
    const foreign = notice('InstanceTerminating', { action: lifecycleAction({ hook: id('capacity-provider') }) })
    expect(observe(foreign, policy())).toEqual(ignored('hook-not-ours'))
  })

  test('a hook of our name in a group that is not ours is ignored', () => {
    const foreign = notice('InstanceTerminating', { action: lifecycleAction({ group: id('batch-hosts') }) })
    expect(observe(foreign, policy())).toEqual(ignored('hook-not-ours'))
  })

  test('of several hooks each is ours in its own groups', () => {
    const hooks = [
      { name: theHook, groups: ['batch-hosts'] },
      { name: 'empty', groups: [theGroup] },
    ]
    expect(isOurs({ hook: id('empty'), group: theGroup }, policy({ hooks }))).toBe(true)
    expect(isOurs({ hook: theHook, group: theGroup }, policy({ hooks }))).toBe(false)
  })

  test('our hook is ours in every group when none is named', () => {
    const everywhere = policy({ hooks: [{ name: theHook, groups: null }] })
    expect(isOurs({ hook: theHook, group: id('batch-hosts') }, everywhere)).toBe(true)
    expect(isOurs({ hook: id('other'), group: id('batch-hosts') }, everywhere)).toBe(false)
  })

  test('a message of another account is ignored where the account is named', () => {
    const named = policy({ account: '111122223333' })
    const foreign = notice('InstanceTerminating', { account: '444455556666' })
    expect(observe(foreign, named)).toEqual(ignored('other-account'))
    expect(observe(foreign, policy())).toMatchObject({ type: 'addressed' })
    expect(observe(notice('InstanceTerminating'), named)).toMatchObject({ type: 'addressed' })
    // SNS's own text form has no account in it.
    expect(observe(notice('InstanceTerminating', { account: null }), named)).toMatchObject({ type: 'addressed' })
  })

  test('a test notification is ignored', () => {
    expect(observe(notice('TestNotification'), policy())).toEqual(ignored('test-notification'))
  })

  test('what we do not read is ignored', () => {
    expect(observe(notice('Unsubscribed'), policy())).toEqual(ignored('unsubscribed'))
  })

  test('a launch is ignored', () => {
    expect(observe(notice('InstanceLaunching'), policy())).toEqual(ignored('launch'))
  })

  test('of several hooks that are ours the one that was announced is acted on, not the first', () => {
    const several = policy({
      hooks: [
        { name: id('ours-elsewhere'), groups: null },
        { name: theHook, groups: null },
      ],
    })
    const observed = observe(notice('InstanceTerminating'), several)
    expect(observed).toMatchObject({ observation: { action: { hook: theHook } } })
  })

  test('a termination announced by our hook is addressed to the stream of its instance', () => {
    expect(observe(notice('InstanceTerminating', { at: at(3) }), policy())).toEqual({
      type: 'addressed',
      stream: theStream,
      observation: {
        type: 'TerminationAnnounced',
        action: lifecycleAction(),
        toWarmPool: false,
        clusters: [theCluster],
        announcedAt: at(3),
      },
      hops: 0,
    })
  })
})

describe('R2: where the container instance is looked for', () => {
  const clustersOf = (metadata: string | null, options = {}) => {
    const observed = observe(notice('InstanceTerminating', { metadata }), policy(options))
    if (observed.type !== 'addressed' || observed.observation.type !== 'TerminationAnnounced') return observed
    return observed.observation.clusters
  }
  const both = { clusters: [theCluster, id<typeof theCluster>('batch')] }

  test('in all clusters of the policy', () => {
    expect(clustersOf(null, both)).toEqual(['web', 'batch'])
  })

  test.each([
    '{"cluster":"batch"}',
    '  {"cluster":"batch"}',
    '{"cluster":"arn:aws-cn:ecs:cn-north-1:111122223333:cluster/batch"}',
    '{\n  "cluster": "batch"\n}',
  ])('in the one of them that the metadata names: %s', (metadata) => {
    expect(clustersOf(metadata, both)).toEqual(['batch'])
  })

  test('in one that any of the patterns allows', () => {
    const metadataClusters = ['prod-*', 'team-*-web']
    expect(clustersOf('{"cluster":"team-a-web"}', { metadataClusters })).toEqual(['team-a-web'])
  })

  test.each(['payments', 'arn:aws:ecs:eu-west-1:111122223333:cluster/payments'])(
    'never in one that nothing allows: %s',
    (cluster) => {
      expect(clustersOf(JSON.stringify({ cluster }))).toEqual(ignored('cluster-not-ours'))
    },
  )

  test('and not without any cluster to look in', () => {
    expect(clustersOf(null, { clusters: [], metadataClusters: ['team-*'] })).toEqual(ignored('cluster-not-ours'))
  })

  test.each([
    'a note to myself',
    '{broken',
    '{"team":"a"}',
    '{"team":{"cluster":"payments"}}',
    '["cluster"]',
    'null',
    '{"__proto__":{"cluster":"payments"}}',
  ])('metadata that is not for us changes nothing: %s', (metadata) => {
    expect(clustersOf(metadata)).toEqual([theCluster])
  })

  test.each([
    '{"cluster":"web",}',
    '{"cluster":"we',
    '{"cluster":"web "}',
    '{"cluster":["web"]}',
    '{"cluster":{"toString":7}}',
    '{"cluster":null}',
    '{"cluster":"arn:aws:ecs:eu-west-1:111122223333:cluster/web "}',
  ])('nowhere, where the metadata means to name one, and no name can be read in it: %s', (metadata) => {
    expect(clustersOf(metadata)).toEqual(ignored('cluster-not-ours'))
  })

  test('nowhere, where the metadata names one of another account, of the hook’s or of the policy’s', () => {
    const metadata = '{"cluster":"arn:aws:ecs:eu-west-1:999999999999:cluster/web"}'
    expect(clustersOf(metadata)).toEqual(ignored('cluster-not-ours'))
    expect(clustersFor(metadata, policy({ account: '111122223333' }))).toBe(null)
    expect(clustersFor(metadata, policy())).toEqual([theCluster])
  })

  test.each([
    ['*', 'anything', true],
    ['web', 'web', true],
    ['web', 'web-2', false],
    ['web-*', 'web-', true],
    ['web-*', 'we', false],
    ['web-*', 'a-web-b', false],
    ['*-web', 'a-web', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c', false],
    ['*b*b*', 'b', false],
    ['web.*', 'webx', false],
  ])('the pattern %s for the name %s: %s', (pattern, name, allowed) => {
    const clusters = clustersOf(JSON.stringify({ cluster: name }), {
      metadataClusters: [pattern],
      clusters: [id('none')],
    })
    expect(clusters).toEqual(allowed ? [name] : ignored('cluster-not-ours'))
  })
})

describe('R6: an event of a container instance goes to whoever waits for it', () => {
  test('a task is seen', () => {
    expect(observe(notice('TaskStateChanged'), policy())).toEqual({
      type: 'of-container-instance',
      containerInstance: theContainerInstance,
      observation: { type: 'TaskSeen', task: stoppedTask(1) },
    })
  })

  test('a task on Fargate concerns nobody', () => {
    const onFargate = notice('TaskStateChanged', { containerInstance: null })
    expect(observe(onFargate, policy())).toEqual(ignored('not-on-a-container-instance'))
  })

  test.each([
    ['of another cluster', 'arn:aws:ecs:eu-west-1:111122223333:task/payments/0123456789abcdef'],
    ['of another account', 'arn:aws:ecs:eu-west-1:444455556666:task/web/0123456789abcdef'],
    ['of another Region', 'arn:aws:ecs:us-east-1:111122223333:task/web/0123456789abcdef'],
  ])('a task %s is not on this container instance, whatever the event says', (_title, arn) => {
    const forged = notice('TaskStateChanged', { task: stoppedTask(1, { arn: id(arn) }) })
    expect(observe(forged, policy())).toEqual(ignored('cluster-not-ours'))
  })

  test.each([
    ['of the task', 'task/0123456789abcdef', 'container-instance/web/ffff'],
    ['of the container instance', 'task/web/0123456789abcdef', 'container-instance/ffff'],
    ['of both', 'task/0123456789abcdef', 'container-instance/ffff'],
  ])('the short ARN %s does not say its cluster, and is believed', (_title, ofTask, ofInstance) => {
    const around = 'arn:aws:ecs:eu-west-1:111122223333:'
    const seen = notice('TaskStateChanged', {
      task: stoppedTask(1, { arn: id(around + ofTask) }),
      containerInstance: id(around + ofInstance),
    })
    expect(observe(seen, policy())).toMatchObject({ type: 'of-container-instance' })
  })

  test('an agent is seen', () => {
    expect(observe(notice('ContainerInstanceStateChanged', { agentConnected: false }), policy())).toMatchObject({
      observation: { type: 'AgentSeen', connected: false },
    })
  })
})

test('R12: the schedule is a sweep', () => {
  expect(observe(notice('SweepDue'), policy())).toEqual({ type: 'sweep' })
})

test('a wake-up says that time passed, and how long its chain is', () => {
  expect(observe(notice('WokenUp', { hops: 4 }), policy())).toEqual({
    type: 'addressed',
    stream: theStream,
    observation: { type: 'TimePassed' },
    hops: 4,
  })
})

describe('R14: an instance on its way into or out of a warm pool', () => {
  test('goes to its warm pool', () => {
    expect(observe(notice('InstanceTerminating', { destination: 'WarmPool' }), policy())).toMatchObject({
      observation: { type: 'TerminationAnnounced', toWarmPool: true },
    })
  })

  test('comes back, at the time Auto Scaling says', () => {
    expect(observe(notice('InstanceLaunching', { origin: 'WarmPool', at: at(900) }), policy())).toEqual({
      type: 'addressed',
      stream: theStream,
      observation: { type: 'ReturnedToService', returnedAt: at(900) },
      hops: 0,
    })
  })

  test('comes back to a group of any of our hooks, or to any group where one of them is ours in all', () => {
    const back = notice('InstanceLaunching', { origin: 'WarmPool', group: id('batch-hosts') })
    const elsewhere = { name: 'drain', groups: ['other-hosts'] }
    const ours = [
      { name: 'batch', groups: ['batch-hosts'] },
      { name: 'any', groups: null },
    ]
    for (const hook of ours) {
      expect(observe(back, policy({ hooks: [elsewhere, hook] }))).toMatchObject({ type: 'addressed' })
    }
  })

  test('comes back to a group or an account that is not ours, which is nothing to us', () => {
    const back = notice('InstanceLaunching', { origin: 'WarmPool', group: id('batch-hosts') })
    expect(observe(back, policy())).toEqual(ignored('launch'))
    expect(observe({ ...back, group: theGroup }, policy({ account: '444455556666' }))).toEqual(ignored('other-account'))
  })
})
