import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { readScenario, type Setting } from '../../src/scenario/read-scenario.ts'

const problems = (text: string, settings: ReadonlyArray<Setting> = []): ReadonlyArray<string> => {
  const read = readScenario({ label: 'my.yaml', text }, settings)
  return E.isLeft(read) ? read.left : []
}

const messages = 'termination, launch, task-stopped, container-instance, wake-up, sweep, agent-disconnected'

const calls = [
  'LoadStream, AppendToStream, FindStreams, ListWatchedStreams, ListContainerInstances, DescribeContainerInstances',
  'UpdateContainerInstancesState, ListTasks, DescribeTasks, StopTask, CompleteLifecycleAction',
  'RecordLifecycleActionHeartbeat, DescribeLifecycleHooks, DescribeAutoScalingGroups, SendWakeUp',
].join(', ')

const rebalancing = 'my.yaml:2: services[0].availabilityZoneRebalancing'

const verbs = [
  'ami-update, instance-refresh, cloudformation-rolling-update, scale-in, scale-out, terminate-instance, kill-instance',
  'disconnect-agent, re-register-agent, deploy, set-desired-count, delete-hook, set-draining, set-active, update-task-protection',
  'return-from-warm-pool, change-policy',
].join(', ')

const valid = `
name: mine
groups:
  - { name: hosts, desired: 2, min: 2, max: 4, hooks: [{ name: drain }] }
services:
  - { name: web, desired: 4 }
happenings:
  - { atSeconds: 60, do: ami-update, group: hosts, batch: 2 }
`

test('a valid scenario has no problems', () => {
  expect(problems(valid)).toEqual([])
})

test('a name is enough, and it takes one', () => {
  expect(problems('name: mine')).toEqual([])
  expect(problems('seed: 1')).toEqual(['my.yaml: name: expected text of 1 to 100 characters, but it is missing'])
})

test('a happening needs nothing but its verb', () => {
  expect(problems('name: mine\nhappenings: [{ do: ami-update }]')).toEqual([])
})

test('a hook that is left out is the first of the group that is named', () => {
  const groups = 'groups: [{ name: a, hooks: [{ name: x }] }, { name: b, hooks: [{ name: y }, { name: z }] }]'
  expect(problems(`name: mine\n${groups}\nhappenings: [{ do: delete-hook, group: b }]`)).toEqual([])
})

test.each(['a\tb', '\u{1F600}'])("a group's name that core would not read is refused: %j", (name) => {
  const text = JSON.stringify({ name: 'mine', groups: [{ name }] })
  expect(problems(text)).toEqual([
    expect.stringMatching(
      /^my\.yaml:1: groups\[0\]\.name: expected a group name of 1 to 255 printable characters, got /,
    ),
  ])
})

test('JSON is read as well', () => {
  expect(problems('{"name": "mine", "seed": 3}')).toEqual([])
})

describe('says file, line, path, expectation and what was there', () => {
  test.each([
    [
      'services:\n  - { name: web, minimumHealthyPercent: all }',
      'my.yaml:3: services[0].minimumHealthyPercent: expected an integer from 0 to 200, got "all"',
    ],
    [
      'services:\n  - name: web\n    desired: 2.5',
      'my.yaml:4: services[0].desired: expected an integer from 0 to 5000, got 2.5',
    ],
    ['services: 3', 'my.yaml:2: services: expected a list, got 3'],
    ['services: [web]', 'my.yaml:2: services[0]: expected a service, got "web"'],
    [
      'faults: { lose: [{ message: sweep }] }',
      'my.yaml:2: faults.lose[0].nth: expected an integer from 0 to 1000000, but it is missing',
    ],
    [
      'services: [{ name: web, pullSeconds: [5, 2] }]',
      'my.yaml:2: services[0].pullSeconds: expected a number or a range [least, most] from 0 to 86400, got [5,2]',
    ],
    [
      'services: [{ name: web, schedulingStrategy: replica }]',
      'my.yaml:2: services[0].schedulingStrategy: expected one of REPLICA, DAEMON, got "replica"',
    ],
    [
      'services: [{ name: web, loadBalancer: true }]',
      'my.yaml:2: services[0].loadBalancer: expected a load balancer, or null, got true',
    ],
    [
      'services: [{ name: web, loadBalancer: { deregistrationDelaySeconds: 9000 } }]',
      'my.yaml:2: services[0].loadBalancer.deregistrationDelaySeconds: expected an integer from 0 to 3600, got 9000',
    ],
    [
      'groups: [{ name: hosts, hooks: [{ name: drain, heartbeatTimeoutSeconds: 10 }] }]',
      'my.yaml:2: groups[0].hooks[0].heartbeatTimeoutSeconds: expected an integer from 30 to 7200, got 10',
    ],
    ['groups: [{ name: hosts, registers: "no" }]', 'my.yaml:2: groups[0].registers: expected true or false, got "no"'],
    ['seed: -1', 'my.yaml:2: seed: expected an integer from 0 to 4294967295, got -1'],
    ['start: yesterday', 'my.yaml:2: start: expected an instant such as 2026-01-05T09:00:00Z, got "yesterday"'],
    [
      'start: 2026-02-30T09:00:00Z',
      'my.yaml:2: start: expected an instant such as 2026-01-05T09:00:00Z, got "2026-02-30T09:00:00Z"',
    ],
    [
      'start: 2026-13-01T09:00:00Z',
      'my.yaml:2: start: expected an instant such as 2026-01-05T09:00:00Z, got "2026-13-01T09:00:00Z"',
    ],
    [
      'parameters: { queue.window: [0, 60000] }',
      'my.yaml:2: parameters.queue.window: expected a number from 0 to 300000 (ms), got [0,60000]',
    ],
    [
      'parameters: { api.ecsReadRefill: [10, 20] }',
      'my.yaml:2: parameters.api.ecsReadRefill: expected a number from 1 to 10000 (per second), got [10,20]',
    ],
    [
      'parameters: { task.pending: 500 }',
      'my.yaml:2: parameters.task.pending: expected a number or a range [least, most] from 0 to 120 (s), got 500',
    ],
    [
      'parameters: { protection.blocksDrain: 2 }',
      'my.yaml:2: parameters.protection.blocksDrain: expected the switch 0 or 1, got 2',
    ],
    [
      'parameters: { function.concurrency: 0 }',
      'my.yaml:2: parameters.function.concurrency: expected an integer from 1 to 1000, got 0',
    ],
    [
      'faults: { perMille: { bus.drop: 2000 } }',
      'my.yaml:2: faults.perMille.bus.drop: expected an integer from 0 to 1000, got 2000',
    ],
    [
      'faults: { lose: [{ message: everything, nth: 0 }] }',
      `my.yaml:2: faults.lose[0].message: expected one of ${messages}, got "everything"`,
    ],
    [
      'faults: { script: [{ do: crash-after, call: AppendToStreams, nth: 0 }] }',
      `my.yaml:2: faults.script[0].call: expected one of ${calls}, got "AppendToStreams"`,
    ],
    [
      'faults: { script: [{ do: deliver-twic, message: sweep, nth: 0 }] }',
      'my.yaml:2: faults.script[0].do: expected one of crash-before, crash-after, fail-call, lose-request, lose-answer, deliver-twice, ' +
        'got "deliver-twic"; did you mean deliver-twice?',
    ],
    [
      'faults: { only: [1, x] }',
      `my.yaml:2: faults.only[1]: expected an integer from 0 to ${Number.MAX_SAFE_INTEGER}, got "x"`,
    ],
    [
      'variants: { "a b": {} }',
      'my.yaml:2: variants.a b: unknown key; expected a name of 1 to 100 letters, digits, hyphens and underscores',
    ],
    [
      'faults: { script: [{ do: deliver-twice, message: sweep }] }',
      'my.yaml:2: faults.script[0].nth: expected an integer from 0 to 1000000, but it is missing',
    ],
    [
      'controller: { policy: { deadline: { after: 60000, choice: pray } } }',
      'my.yaml:2: controller.policy.deadline.choice: expected one of continue, stop-tasks, abandon, wait, got "pray"',
    ],
    [
      'controller: { policy: { deadline: { after: 0, choice: continue } } }',
      'my.yaml:2: controller.policy.deadline.after: expected a duration from 60000 to 172800000 ms, got 0',
    ],
    [
      'controller: { policy: { settle: 0 } }',
      'my.yaml:2: controller.policy.settle: expected a duration from 1000 to 172800000 ms, got 0',
    ],
    [
      'services: [{ name: web, availabilityZoneRebalancing: ENABLED, maximumPercent: 100 }]',
      `${rebalancing}: expected DISABLED with a maximumPercent of 100, with which AWS does not rebalance`,
    ],
    [
      'services: [{ name: log, availabilityZoneRebalancing: ENABLED, schedulingStrategy: DAEMON }]',
      `${rebalancing}: expected DISABLED for a DAEMON service, which AWS does not rebalance`,
    ],
    [
      'happenings: [{ do: update-task-protection, expiresInMinutes: 3000 }]',
      'my.yaml:2: happenings[0].expiresInMinutes: expected an integer from 1 to 2880, got 3000',
    ],
    [
      'services: [{ schedulingStrategy: DAEMON, name: log }]\nhappenings: [{ do: update-task-protection }]',
      'my.yaml:3: happenings[0].service: expected a REPLICA service: log is a DAEMON, and no source says what protects its tasks from what',
    ],
    [
      'services: [{ schedulingStrategy: DAEMON, name: log }]\nhappenings: [{ do: set-desired-count }]',
      'my.yaml:3: happenings[0].service: expected a REPLICA service: log is a DAEMON, which has one task on each instance',
    ],
    [
      'happenings: [{ atSeconds: 1, do: reboot }]',
      `my.yaml:2: happenings[0].do: expected one of ${verbs}, got "reboot"`,
    ],
    ['happenings: [3]', 'my.yaml:2: happenings[0]: expected a happening, got 3'],
    ['happenings: [{ do: toString }]', `my.yaml:2: happenings[0].do: expected one of ${verbs}, got "toString"`],
    [
      'expect: { ecs-drain: { tasksKilled: none } }',
      'my.yaml:2: expect.ecs-drain.tasksKilled: expected a number, or text such as ">= 4" or "30..180", got "none"',
    ],
    [
      'expect: { ecs-drain: { totalSeconds: 180..30 } }',
      'my.yaml:2: expect.ecs-drain.totalSeconds: expected a number, or text such as ">= 4" or "30..180", got "180..30"',
    ],
    [
      'expect: { ecs-drain: { promises: all, brokenPromises: [L2] } }',
      'my.yaml:2: expect.ecs-drain.brokenPromises: expected either promises or brokenPromises, not both',
    ],
    [
      'expect: { ecs-drain: { decisions: { CompletionFroced: 0 } } }',
      'my.yaml:2: expect.ecs-drain.decisions.CompletionFroced: unknown key; did you mean CompletionForced?',
    ],
  ])('%s', (text, message) => {
    expect(problems(`name: mine\n${text}`)).toEqual([message])
  })

  test('of a document that is no scenario at all', () => {
    expect(problems('- 1')).toEqual(['my.yaml: expected a scenario, got [1]'])
    expect(problems('')).toEqual(['my.yaml: expected a scenario, got null'])
  })

  test('of text that is not YAML', () => {
    expect(problems('name: mine\nservices: [')).toEqual([
      'my.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ])
    expect(problems('name: one\nname: two')).toEqual(['my.yaml:2: Map keys must be unique'])
    expect(problems('name: one\n---\nname: two')).toEqual(['my.yaml:2: expected one document, got several'])
  })

  test('of aliases without an anchor, or of so many that they would fill the memory', () => {
    expect(problems('name: mine\nhappenings: *them')).toEqual([expect.stringContaining('my.yaml: Unresolved alias')])
    const nine = (alias: string): string => `[${Array(9).fill(alias).join()}]`
    const bomb = `x: [&a ${nine('1')}, &b ${nine('*a')}, &c ${nine('*b')}, &d ${nine('*c')}]`
    expect(problems(bomb)).toEqual([expect.stringContaining('my.yaml: Excessive alias count')])
  })

  test('of a number that is not finite, which JSON would call null', () => {
    expect(problems('name: mine\nuntilSeconds: .inf')).toEqual([
      'my.yaml:2: untilSeconds: expected a number from 1 to 2000000, got Infinity',
    ])
  })
})

test.each(['eu-central-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'])('%s is a Region', (region) => {
  expect(problems(`name: mine\ncluster: { region: ${region} }`)).toEqual([])
})

describe('unknown keys are errors', () => {
  test.each([
    ['service: []', 'my.yaml:2: service: unknown key; did you mean services?'],
    [
      'services: [{ name: web, minHealthyPercent: 50 }]',
      'my.yaml:2: services[0].minHealthyPercent: unknown key; did you mean minimumHealthyPercent?',
    ],
    [
      'parameters: { scheduler.reactoin: 5 }',
      'my.yaml:2: parameters.scheduler.reactoin: unknown key; did you mean scheduler.reaction?',
    ],
    ['cluster: { colour: red }', 'my.yaml:2: cluster.colour: unknown key; expected one of name, region, account'],
    ['__proto__: { polluted: true }', 'my.yaml:2: __proto__: unknown key; expected one of'],
    ['controller: { policy: { clusters: [a] } }', 'my.yaml:2: controller.policy.clusters: unknown key'],
  ])('%s', (text, message) => {
    const found = problems(`name: mine\n${text}`)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
  })

  test('a happening has the keys of its verb', () => {
    expect(problems('name: mine\nhappenings: [{ atSeconds: 1, do: deploy, service: web, batch: 2 }]')).toEqual([
      'my.yaml:2: happenings[0].batch: unknown key; expected one of do, atSeconds, service',
    ])
  })
})

describe('what is on a bound is taken, and what is beyond is not', () => {
  test.each([
    [
      'minimumHealthyPercent of a DAEMON service',
      'services: [{ schedulingStrategy: DAEMON, minimumHealthyPercent: 100 }]',
      'services: [{ schedulingStrategy: DAEMON, minimumHealthyPercent: 101 }]',
      'services[0].minimumHealthyPercent: expected at most 100 for a DAEMON service, got 101',
    ],
    [
      'maximumPercent of a REPLICA service',
      'services: [{ maximumPercent: 100 }]',
      'services: [{ minimumHealthyPercent: 50, maximumPercent: 99 }]',
      'services[0].maximumPercent: expected at least 100, as AWS does, got 99',
    ],
    [
      'a refresh between two bounds',
      'happenings: [{ do: instance-refresh, minHealthyPercentage: 50, maxHealthyPercentage: 150 }]',
      'happenings: [{ do: instance-refresh, minHealthyPercentage: 50, maxHealthyPercentage: 151 }]',
      'happenings[0].maxHealthyPercentage: expected at most 100 more than minHealthyPercentage (50), as AWS does, got 151',
    ],
    [
      'MinInstancesInService of a rolling update',
      'groups: [{ max: 2 }]\nhappenings: [{ do: cloudformation-rolling-update, minInstancesInService: 1 }]',
      'groups: [{ max: 2 }]\nhappenings: [{ do: cloudformation-rolling-update, minInstancesInService: 2 }]',
      "happenings[0].minInstancesInService: expected less than the group's max (2), as AWS does, got 2",
    ],
    [
      'room for as many new instances as old ones',
      'groups: [{ desired: 3, max: 6 }]\nhappenings: [{ do: ami-update }]',
      'groups: [{ desired: 3, max: 5 }]\nhappenings: [{ do: ami-update }]',
      'happenings[0].do: expected a group with room for as many new instances as old ones: max at least 6, got 5',
    ],
    [
      'a scale-in',
      'groups: [{ desired: 3, min: 1, max: 3 }]\nhappenings: [{ do: scale-in, by: 2 }]',
      'groups: [{ desired: 3, min: 1, max: 3 }]\nhappenings: [{ do: scale-in, by: 3 }]',
      "happenings[0].by: expected at most what the group's max (3) is above its min (1), got 3",
    ],
    [
      'an instance of second zero',
      'happenings: [{ do: kill-instance, old: 1 }]',
      'groups: [{ desired: 0 }]\nhappenings: [{ do: kill-instance, old: 0 }]',
      'happenings[0].old: the group group begins without instances',
    ],
    [
      'the CPU of an instance',
      'services: [{ cpu: 2048 }]',
      'services: [{ cpu: 2049 }]',
      'services[0].cpu: expected a task that fits on an instance (group: cpu 2048, memory 4096), got cpu 2049, memory 512',
    ],
    [
      'the memory of an instance',
      'services: [{ cpu: 2048, memory: 4096 }]',
      'services: [{ cpu: 2048, memory: 4097 }]',
      'services[0].memory: expected a task that fits on an instance (group: cpu 2048, memory 4096), got cpu 2048, memory 4097',
    ],
    [
      'a range',
      'services: [{ pullSeconds: [5, 5] }]',
      'services: [{ pullSeconds: [5, 6, 7] }]',
      'services[0].pullSeconds: expected a number or a range [least, most] from 0 to 86400, got [5,6,7]',
    ],
    [
      'a range of numbers',
      'services: [{ pullSeconds: 0 }]',
      'services: [{ pullSeconds: [5, "6"] }]',
      'services[0].pullSeconds: expected a number or a range [least, most] from 0 to 86400, got [5,"6"]',
    ],
    [
      'a text',
      `summary: ${'x'.repeat(76)}`,
      `summary: ${'x'.repeat(77)}`,
      `summary: expected text of 1 to 76 characters, got "${'x'.repeat(59)}...`,
    ],
    ['a text that is one', 'summary: x', 'summary: ""', 'summary: expected text of 1 to 76 characters, got ""'],
  ])('%s', (_, taken, refused, message) => {
    expect(problems(`name: mine\n${taken}`)).toEqual([])
    expect(problems(`name: mine\n${refused}`)).toEqual([expect.stringMatching(/^my\.yaml:\d: /)])
    expect(problems(`name: mine\n${refused}`)[0]).toContain(`: ${message}`)
  })

  test('a task fits where one of several groups has room for it', () => {
    expect(problems('name: mine\ngroups: [{ name: small, cpu: 64 }, { name: large }]')).toEqual([])
  })

  test('a service that is no daemon may be scaled beside one that is', () => {
    const services = '[{ name: log, schedulingStrategy: DAEMON }, { name: web }]'
    const happening = '{ do: set-desired-count, service: web }'
    expect(problems(`name: mine\nservices: ${services}\nhappenings: [${happening}]`)).toEqual([])
  })
})

describe('contradictions', () => {
  const scenario = (text: string): string => `name: mine\n${text}`

  test.each([
    [
      'groups: [{ name: hosts, desired: 5, min: 1, max: 4 }]',
      `my.yaml:2: groups[0].desired: expected at most the group's max (4), got 5`,
    ],
    [
      'groups: [{ name: hosts, desired: 1, min: 2, max: 4 }]',
      `my.yaml:2: groups[0].desired: expected at least the group's min (2), got 1`,
    ],
    // Whatever is desired, it would be wrong.
    ['groups: [{ min: 5, max: 2 }]', `my.yaml:2: groups[0].min: expected at most the group's max (2), got 5`],
    [
      'services: [{ name: web, minimumHealthyPercent: 150, maximumPercent: 120 }]',
      `my.yaml:2: services[0].maximumPercent: expected at least the service's minimumHealthyPercent (150), got 120`,
    ],
    [
      'services: [{ name: log, schedulingStrategy: DAEMON, minimumHealthyPercent: 0, maximumPercent: 200 }]',
      'my.yaml:2: services[0].maximumPercent: expected 100, which AWS requires of a DAEMON service, got 200',
    ],
    [
      'services: [{ name: log, schedulingStrategy: DAEMON, hostPort: 80, awsvpc: true }]',
      'my.yaml:2: services[0].hostPort: expected null with awsvpc, whose tasks have an address of their own',
    ],
    [
      'services: [{ name: web }, { name: web }]',
      'my.yaml:2: services[1].name: expected a name of its own, "web" is taken',
    ],
    [
      'groups: [{ name: hosts }, { name: hosts }]',
      'my.yaml:2: groups[1].name: expected a name of its own, "hosts" is taken',
    ],
    [
      'groups: [{ hooks: [{ name: drain }, { name: drain }] }]',
      'my.yaml:2: groups[0].hooks[1].name: expected a name of its own, "drain" is taken',
    ],
    [
      'controller: { policy: { retry: { first: 5000, most: 1000 } } }',
      'my.yaml:2: controller.policy.retry.most: expected at least the first wait (5000), got 1000',
    ],
    [
      'happenings: [{ do: change-policy, policy: { retry: { first: 5000, most: 1000 } } }]',
      'my.yaml:2: happenings[0].policy.retry.most: expected at least the first wait (5000), got 1000',
    ],
  ])('%s', (text, message) => {
    expect(problems(scenario(text))).toEqual([message])
  })

  test('a happening names something that exists', () => {
    const happenings = [
      '{ atSeconds: 1, do: scale-out, group: host, by: 1 }',
      '{ atSeconds: 1, do: delete-hook, group: hosts, hook: drian }',
      '{ atSeconds: 1, do: deploy, service: wbe }',
      '{ atSeconds: 1, do: kill-instance, group: hosts, old: 2 }',
    ]
    expect(problems(`${valid}${happenings.map((each) => `  - ${each}`).join('\n')}`)).toEqual([
      'my.yaml:9: happenings[1].group: there is no group "host": expected one of hosts',
      'my.yaml:10: happenings[2].hook: there is no hook "drian": expected one of drain',
      'my.yaml:11: happenings[3].service: there is no service "wbe": expected one of web',
      'my.yaml:12: happenings[4].old: expected an instance of second zero of hosts, 0 to 1, got 2',
    ])
  })

  test.each([
    [
      'a happening after the end of the run',
      'untilSeconds: 600\nhappenings: [{ do: ami-update, atSeconds: 601 }]',
      `my.yaml:3: happenings[0].atSeconds: expected at most the plan's untilSeconds (600), got 601`,
    ],
    [
      'standalone tasks after the end of the run',
      'untilSeconds: 600\nstandaloneTasks: [{ startsAtSeconds: 7200 }]',
      `my.yaml:3: standaloneTasks[0].startsAtSeconds: expected at most the plan's untilSeconds (600), got 7200`,
    ],
    [
      'a service in a cluster without container instances',
      'groups: [{ registers: false }, { name: none, max: 0, desired: 0 }]\nservices: [{ desired: 1 }]',
      'my.yaml:3: services[0]: expected a group whose instances register with the cluster: there is none to run on',
    ],
    [
      'tasks of a service that fit on no instance',
      'services: [{ cpu: 4096 }]',
      'my.yaml:2: services[0].cpu: expected a task that fits on an instance (group: cpu 2048, memory 4096), got cpu 4096, memory 512',
    ],
    [
      'standalone tasks that fit on no instance',
      'groups: [{ name: a, cpu: 64 }, { name: b, memory: 64 }]\nservices: []\nstandaloneTasks: [{ family: batch }]',
      'my.yaml:4: standaloneTasks[0].memory: expected a task that fits on an instance ' +
        '(a: cpu 64, memory 4096; b: cpu 2048, memory 64), got cpu 256, memory 512',
    ],
    [
      'DRAINING where there is no container instance',
      'services: []\ngroups: [{ registers: false }]\nhappenings: [{ do: set-draining }]',
      'my.yaml:4: happenings[0].group: expected a group whose instances register with the cluster: group has no container instances',
    ],
    [
      'a return from a warm pool that nothing goes to',
      'happenings: [{ do: return-from-warm-pool }]',
      'my.yaml:2: happenings[0].group: expected a group with reuseOnScaleIn: nothing of group goes to a warm pool',
    ],
    [
      'a scale-out of a group of a fixed size',
      'groups: [{ desired: 2, min: 2, max: 2 }]\nhappenings: [{ do: scale-out }]',
      `my.yaml:3: happenings[0].by: expected at most what the group's max (2) is above its min (2), got 1`,
    ],
    [
      'an update of a group without instances',
      'groups: [{ desired: 0 }]\nservices: [{ desired: 0 }]\nhappenings: [{ do: ami-update }]',
      'my.yaml:4: happenings[0].group: expected a group that has instances by then: group begins without any',
    ],
    [
      'an update of a group that is scaled out later',
      'groups: [{ desired: 0 }]\nhappenings: [{ do: instance-refresh }, { do: scale-out, atSeconds: 60 }]',
      'my.yaml:3: happenings[0].group: expected a group that has instances by then: group begins without any',
    ],
    [
      'a second instance refresh that Auto Scaling refuses',
      'happenings:\n- { do: instance-refresh, atSeconds: 99 }\n- { do: instance-refresh, instanceWarmupSeconds: 40 }',
      'my.yaml:3: happenings[0].atSeconds: expected a second by which the instance refresh of group before it can be over, got 99',
    ],
    [
      'the protection of more tasks than there are',
      'services: [{ maximumPercent: 150 }]\nhappenings: [{ do: update-task-protection, tasks: 7 }]',
      'my.yaml:3: happenings[0].tasks: expected at most as many tasks as web may ever have (6), got 7',
    ],
    [
      'a comparison of no variants beside what could not be read',
      'variants: {}\nseed: x',
      'my.yaml:3: seed: expected an integer from 0 to 4294967295, got "x"',
      'my.yaml:2: variants: expected at least one variant, got {}',
    ],
    ['a comparison of no variants', 'variants: {}', 'my.yaml:2: variants: expected at least one variant, got {}'],
  ])('%s could never come to anything', (_, text, ...messages) => {
    expect(problems(scenario(text))).toEqual(messages)
  })

  test.each([
    'groups: [{ desired: 0 }]\nhappenings: [{ do: scale-out }, { do: ami-update, atSeconds: 300 }]',
    'happenings: [{ do: instance-refresh }, { do: instance-refresh, atSeconds: 121 }]',
    'groups: [{ name: a }, { name: b }]\nhappenings: [{ do: instance-refresh }, { do: instance-refresh, group: b }]',
    'happenings: [{ do: set-desired-count, desired: 9 }, { do: update-task-protection, tasks: 18, atSeconds: 300 }]',
    'services: [{ maximumPercent: 100 }]\nhappenings: [{ do: update-task-protection, tasks: 4 }]',
  ])('what may come to something is left to the run: %s', (text) => {
    expect(problems(scenario(text))).toEqual([])
  })

  test('a happening that could not be read is held against no other', () => {
    const happenings = '[{ do: instance-refresh, atSeconds: soon }, { do: instance-refresh }]'
    expect(problems(scenario(`happenings: ${happenings}`))).toEqual([
      'my.yaml:2: happenings[0].atSeconds: expected a number from 0 to 2000000, got "soon"',
    ])
  })

  test('what happens in the last second still happens', () => {
    expect(problems(scenario('untilSeconds: 60\nhappenings: [{ do: ami-update }]'))).toEqual([])
  })

  test('a hook of a group that has none', () => {
    expect(
      problems(scenario('groups: [{ name: hosts, hooks: [] }]\nhappenings: [{ do: delete-hook, hook: drain }]')),
    ).toEqual(['my.yaml:3: happenings[0].hook: there is no hook "drain": the group hosts has no hook'])
  })

  test('are told beside what could not be read, in one round', () => {
    const text =
      'name: mine\nseed: x\ngroups: [{ name: hosts, desired: 9, min: 1, max: 4 }]\nservices: [{ name: web, maximumPercent: most }]'
    expect(problems(text)).toEqual([
      'my.yaml:2: seed: expected an integer from 0 to 4294967295, got "x"',
      'my.yaml:4: services[0].maximumPercent: expected an integer from 0 to 1000, got "most"',
      `my.yaml:3: groups[0].desired: expected at most the group's max (4), got 9`,
    ])
  })

  test('are told beside a happening whose verb is none, and beside what is missing', () => {
    const text = `
happenings:
  - { do: amiupdate }
  - { do: scale-in, by: 200 }
  - 5
  - { do: kill-instance, old: 7 }
  - { do: deploy, service: nope }
controller: { policy: { deadline: { after: 60000 }, retry: { first: 5000, most: 1000 } } }`
    expect(problems(text)).toEqual([
      'my.yaml: name: expected text of 1 to 100 characters, but it is missing',
      `my.yaml:3: happenings[0].do: expected one of ${verbs}, got "amiupdate"; did you mean ami-update?`,
      'my.yaml:5: happenings[2]: expected a happening, got 5',
      'my.yaml:8: controller.policy.deadline.choice: expected one of continue, stop-tasks, abandon, wait, but it is missing',
      `my.yaml:4: happenings[1].by: expected at most what the group's max (100) is above its min (0), got 200`,
      'my.yaml:6: happenings[3].old: expected an instance of second zero of group, 0 to 1, got 7',
      'my.yaml:7: happenings[4].service: there is no service "nope": expected one of web',
      'my.yaml:8: controller.policy.retry.most: expected at least the first wait (5000), got 1000',
    ])
  })
})

describe('what could not be read contradicts nothing', () => {
  test.each([
    ['untilSeconds: x\nhappenings: [{ do: ami-update, atSeconds: 9000 }]', 'untilSeconds'],
    ['groups: [{ desired: many }]\nhappenings: [{ do: kill-instance, old: 4 }]', 'groups[0].desired'],
    ['groups: 3\nservices: [{ cpu: 4096 }]', 'groups'],
    ['services: [{ name: 4 }]\nhappenings: [{ do: deploy, service: api }]', 'services[0].name'],
    ['untilSeconds: x\nstandaloneTasks: [{ startsAtSeconds: 9000 }]', 'untilSeconds'],
  ])('%s', (text, path) => {
    expect(problems(`name: mine\n${text}`)).toEqual([expect.stringContaining(`my.yaml:2: ${path}: expected`)])
  })
})

describe('settings and variants', () => {
  test.each(['variants: { b: {}, 200: {}, 100: {} }', 'variants: &all { b: {}, "200": {}, "100": {} }'])(
    'variants keep the order in which they are written, numbers or not: %s',
    (variants) => {
      const read = readScenario({ label: 'my.yaml', text: `${valid}${variants}` })
      expect(E.isRight(read) && read.right.variants.map(({ name }) => name)).toEqual(['b', '200', '100'])
    },
  )

  test('a setting is checked like the document', () => {
    expect(problems(valid, [{ path: 'services[0].minimumHealthyPercent', value: 'all' }])).toEqual([
      'my.yaml, with --set: services[0].minimumHealthyPercent: expected an integer from 0 to 200, got "all"',
    ])
  })

  test('what is no part of the plan cannot be set, neither from outside nor by a variant', () => {
    const [problem] = problems(valid, [{ path: 'expect.ecs-drain.tasksKilled', value: 0 }])
    expect(problem).toMatch(/^my\.yaml, with --set: expect: unknown key; expected one of name, teaches/)
    const [ofVariant] = problems(`${valid}variants: { a: { set: { summary: of a variant } } }`)
    expect(ofVariant).toMatch(/^my\.yaml, variant a: summary: unknown key/)
  })

  test('a name that is set is the name of what is run', () => {
    const settings = [
      { path: 'name', value: 'other' },
      { path: 'teaches', value: 'Something else.' },
    ]
    const read = readScenario({ label: 'my.yaml', text: valid }, settings)
    expect(E.isRight(read) && read.right).toMatchObject({ name: 'other', teaches: 'Something else.' })
  })

  test('of many names some are listed, and the others counted', () => {
    const [problem, ...others] = problems(`${valid}parameters: { nope: 1 }`)
    expect(problem).toMatch(/parameters\.nope: unknown key; expected one of scheduler\.reaction, .* and \d+ more$/)
    expect(others).toEqual([])
    expect(problem?.length).toBeLessThan(700)
  })

  test('a setting needs a place', () => {
    expect(problems(valid, [{ path: 'services[3].desired', value: 1 }])).toEqual([
      'my.yaml, with --set: services[3].desired: services[3] does not exist: services has 1',
    ])
    expect(problems(valid, [{ path: 'services[api].desired', value: 1 }])).toEqual([
      'my.yaml, with --set: services[api].desired: services has nothing named api: expected one of web',
    ])
    expect(problems(valid, [{ path: 'services..desired', value: 1 }])).toEqual([
      'my.yaml, with --set: services..desired: expected a path such as services[0].desired, got "services..desired"',
    ])
  })

  test('a variant is checked too, and named', () => {
    expect(problems(`${valid}variants:\n  few: { set: { "services[0].desired": -1 } }`)).toEqual([
      'my.yaml, variant few: services[0].desired: expected an integer from 0 to 5000, got -1',
    ])
  })

  test('a setting wins over a variant', () => {
    const text = `${valid}variants:\n  few: { set: { "services[0].desired": 1 } }\n  many: { set: { "services[web].desired": 8 } }`
    const read = (settings: ReadonlyArray<Setting>) => {
      const scenario = readScenario({ label: 'my.yaml', text }, settings)
      return E.isRight(scenario)
        ? scenario.right.variants.map(({ name, plan }) => [name, plan.services[0]?.desired])
        : []
    }
    expect(read([])).toEqual([
      ['few', 1],
      ['many', 8],
    ])
    expect(read([{ path: 'services[web].desired', value: 6 }])).toEqual([
      ['few', 6],
      ['many', 6],
    ])
  })
})
