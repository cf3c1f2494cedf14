// docs/plan-file.md: what may stand in a scenario's file. The keys, what is expected of each, and the defaults are asked
// of the code; only what a key means is said here, and a key without a sentence fails.
import { uncheckedPolicy } from '@ecs-drain/core'
import { completePlan, type Plan, readScenario } from '@ecs-drain/simulator'
import { generatedNote } from './generated-note.ts'

/** What each key of one object means. */
type Meanings = Readonly<Record<string, string>>

type Path = ReadonlyArray<string | number>

const problemsOf = (document: unknown): ReadonlyArray<string> => {
  const read = readScenario({ label: 'file', text: JSON.stringify(document) })
  return read._tag === 'Left' ? read.left : []
}

/** A document in which there is only `value`, at a path. */
const documentWith = (path: Path, value: unknown): unknown => {
  const inner = path.reduceRight((inside: unknown, step) => {
    if (typeof step === 'number') return [inside]
    return step.startsWith('do:') ? { ...(inside as object), do: step.slice(3) } : { [step]: inside }
  }, value)
  return { name: 'asked', ...(inner as object) }
}

const stranger = 'zzzzzzzzzzzzzzzz'

/** The keys that an object may have: an unknown one is told them. */
const keysOf = (path: Path): ReadonlyArray<string> => {
  const told = problemsOf(documentWith(path, { [stranger]: 1 })).map((each) =>
    /unknown key; expected one of (.*)$/.exec(each),
  )
  const keys = told.find((each) => each !== null)?.[1]
  if (keys === undefined) throw new Error(`no keys at ${path.join('.')}`)
  return keys.split(', ').filter((key) => key !== 'do' || !path.some((step) => String(step).startsWith('do:')))
}

/** What is expected at a key: a value that nothing accepts is told it. */
const expectedAt = (path: Path, key: string): string => {
  const problem = problemsOf(documentWith(path, { [key]: [[[[]]]] })).find((each) => each.includes(`${key}`))
  const [, where = '', expected] = /^file:\d+: (\S+): expected (.*), got /.exec(problem ?? '') ?? []
  if (expected === undefined) throw new Error(`nothing is expected of ${path.join('.')}.${key}: ${problem}`)
  if (where.endsWith(key)) return expected
  // What is wrong with a list of lists is told of its items.
  return problemsOf(documentWith(path, { [key]: null })).length === 0 ? 'a list, or null' : 'a list'
}

const shown = (value: unknown): string => {
  if (value === undefined) return ''
  if (Array.isArray(value) && value.length > 0 && typeof value[0] === 'object') return 'one, see below'
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.keys(value).length === 0 ? '`{}`' : 'see below'
  }
  return `\`${JSON.stringify(value).replaceAll(',', ', ')}\``
}

const table = (path: Path, meanings: Meanings, defaults: object): ReadonlyArray<string> => {
  const keys = keysOf(path)
  const unsaid = keys.filter((key) => !Object.hasOwn(meanings, key))
  const gone = Object.keys(meanings).filter((key) => !keys.includes(key))
  if (unsaid.length + gone.length > 0) {
    throw new Error(
      `${path.join('.')}: no sentence for ${unsaid.join(', ') || 'none'}; no such key: ${gone.join(', ')}`,
    )
  }
  return [
    '| key | expected | default | meaning |',
    '| --- | --- | --- | --- |',
    ...keys.map((key) => {
      const usual = (defaults as Readonly<Record<string, unknown>>)[key]
      return `| \`${key}\` | ${expectedAt(path, key)} | ${shown(usual)} | ${meanings[key]} |`
    }),
  ]
}

const scenario: Meanings = {
  name: 'The only key that must be there.',
  teaches: 'A paragraph for readers, which the command line prints above the table.',
  seed: 'Decides all random draws. The same plan with the same seed gives the same run.',
  start: 'The instant of virtual second zero.',
  untilSeconds:
    'A run that has not settled by then is stopped. A drain that is still open then, and late, counts as one that never ends, which breaks L2.',
  cluster: 'The ECS cluster.',
  groups: 'Auto Scaling groups.',
  services: 'ECS services.',
  standaloneTasks: 'Tasks of RunTask, which belong to no service.',
  happenings: 'What is done to the cluster, and when.',
  parameters: 'How AWS behaves where AWS does not document it: [parameters](parameters.md).',
  faults: 'What goes wrong.',
  controller: 'Settings of the controllers.',
  summary: 'One line for a list.',
  expect:
    'Bounds on the results of a run, by controller. If a result is outside, the exit code is 8. Not checked with `--set` or `--seed`.',
  variants: 'Several plans in one file, by name. Each sets some values differently.',
}

const cluster: Meanings = {
  name: 'Its name.',
  region: 'Used in ARNs and messages only.',
  account: 'The same.',
}

const group: Meanings = {
  name: 'Its name, which happenings use.',
  desired: 'Desired capacity, and the number of instances at second zero: all InService and registered.',
  min: 'Minimum size.',
  max: 'Maximum size. An `ami-update` needs room for as many new instances as there are old ones.',
  availabilityZones: 'Zones over which the instances are spread.',
  cpu: 'CPU units that one instance offers to tasks; 1024 is one vCPU.',
  memory: 'MiB that one instance offers to tasks.',
  registers: 'False: the instances run no ECS agent, so there is no container instance.',
  hooks: 'Terminating lifecycle hooks, at most one of them ours. Leave it out for one hook with all defaults.',
  terminateHookAbandon: "The group's InstanceLifecyclePolicy: what ABANDON does to the host.",
  reuseOnScaleIn:
    'A reuse policy, which AWS does not support with ECS: scale-in returns instances to the warm pool, and the group takes new ones from ' +
    'there first.',
  launchable: 'Instances that can still be launched before the zone has none left.',
}

const hook: Meanings = {
  name: 'Its name.',
  heartbeatTimeoutSeconds:
    'HeartbeatTimeout. The global limit follows from it: 48 hours or 100 times it, whichever is less.',
  defaultResult: 'What happens when it times out.',
  owner: '`other`: another team answers it, and no controller of ours may.',
  answersAfterSeconds: 'How long the other team takes. Of `other` only.',
  notifies: 'How its notification is delivered.',
  alsoEventBridge: 'True: a rule forwards the EventBridge event as well, so each action is announced twice.',
  notificationMetadata: 'NotificationMetadata, as the hook has it.',
}

const service: Meanings = {
  name: 'Its name.',
  schedulingStrategy: 'A DAEMON runs one task on each instance; its `desired` is not used.',
  desired: 'Desired count. As many of them as the instances have room for run and are healthy at second zero.',
  minimumHealthyPercent: 'Of the desired count, rounded up: the floor. 0 by default for a DAEMON.',
  maximumPercent:
    'Of the desired count, rounded down. 100 for a DAEMON. For a new REPLICA service, ECS refuses 100 as minimum and maximum; an older one ' +
    'may still have both.',
  cpu: 'CPU units of one task.',
  memory: 'MiB of one task.',
  hostPort: 'A fixed port of the host: at most one such task per instance.',
  loadBalancer: 'A target group, or none.',
  healthCheckSeconds:
    'From RUNNING to HEALTHY, if the container has a health check. Behind a load balancer, both checks have to pass.',
  pullSeconds: 'Pulling the image.',
  startSeconds: 'From the pulled image to RUNNING.',
  exitSeconds: 'From SIGTERM to the exit of the container.',
  stopTimeoutSeconds: 'From SIGTERM to SIGKILL.',
  awsvpc: 'True: an ENI is attached and detached, which takes time.',
  availabilityZoneRebalancing:
    "ENABLED: in steady state tasks move until the zones are even. AWS's default for new services is ENABLED.",
}

const loadBalancer: Meanings = {
  deregistrationDelaySeconds: 'How long a task goes on serving after it was told to stop.',
  healthyAfterSeconds: 'From RUNNING until the task counts as healthy.',
}

const standaloneTask: Meanings = {
  family: 'Its task definition family.',
  count: 'How many are started.',
  startsAtSeconds: 'When.',
  runsSeconds: 'How long each runs if nobody stops it.',
  cpu: 'CPU units of one task.',
  memory: 'MiB of one task.',
  stopTimeoutSeconds: 'From SIGTERM to SIGKILL.',
  exitSeconds: 'From SIGTERM to the exit of the container.',
}

const atSeconds = 'When.'
const ofGroup = 'Which group; the first if left out.'
const old = 'Which of the instances of second zero, counted from 0 in the order of their launch.'

const happenings: Readonly<Record<string, { readonly says: string; readonly keys: Meanings }>> = {
  'ami-update': {
    says: 'Launches as many new instances as there are old ones, waits until all are InService and registered, and terminates the old ones.',
    keys: { atSeconds, group: ofGroup, batch: 'How many are terminated at a time.' },
  },
  'instance-refresh': {
    says: 'An instance refresh of the group. It terminates as many instances at a time as the minimum allows, and launches as many as the maximum does.',
    keys: {
      atSeconds,
      group: ofGroup,
      minHealthyPercentage: 'MinHealthyPercentage.',
      maxHealthyPercentage: 'MaxHealthyPercentage; null is "omitted", which is not the same as 100.',
      instanceWarmupSeconds: 'InstanceWarmup.',
    },
  },
  'cloudformation-rolling-update': {
    says:
      "CloudFormation's AutoScalingRollingUpdate. It terminates first, unless a batch leaves fewer than `minInstancesInService`: " +
      'then it raises MinSize and DesiredCapacity for a while, by as much as the batch and `max` allow.',
    keys: {
      atSeconds,
      group: ofGroup,
      minInstancesInService: 'MinInstancesInService.',
      maxBatchSize: 'MaxBatchSize.',
      pauseSeconds: 'PauseTime.',
    },
  },
  'scale-in': {
    says: 'Lowers the desired capacity. Auto Scaling chooses who goes.',
    keys: { atSeconds, group: ofGroup, by: 'By how many.' },
  },
  'scale-out': { says: 'Raises the desired capacity.', keys: { atSeconds, group: ofGroup, by: 'By how many.' } },
  'terminate-instance': {
    says: 'TerminateInstanceInAutoScalingGroup.',
    keys: { atSeconds, group: ofGroup, old, decrementDesired: 'False: the group launches a replacement.' },
  },
  'kill-instance': {
    says:
      'The host dies at once, and its tasks with it. Auto Scaling finds it out after `autoscaling.healthCheck`: then the hooks hold ' +
      'what is left of it. Hooks that hold it already go on.',
    keys: { atSeconds, group: ofGroup, old },
  },
  'disconnect-agent': {
    says: 'The ECS agent loses its connection for a while. Tasks do not stop meanwhile.',
    keys: { atSeconds, group: ofGroup, old, forSeconds: 'For how long.' },
  },
  're-register-agent': {
    says:
      'The ECS agent loses its state and registers its host as another container instance, after `agent.registration`. The old one ' +
      'stays, with its tasks as ECS last saw them, until `ecs.givesUpOnRecord`. From then on, a happening that names the instance means ' +
      'the new one.',
    keys: { atSeconds, group: ofGroup, old },
  },
  deploy: {
    says: 'A new deployment of a service: all its tasks are replaced.',
    keys: { atSeconds, service: 'Which service; the first if left out.' },
  },
  'set-desired-count': {
    says: 'UpdateService with another desired count.',
    keys: { atSeconds, service: 'Which service; the first if left out.', desired: 'The new count.' },
  },
  'delete-hook': {
    says: 'Deletes a lifecycle hook. Auto Scaling completes its open actions with CONTINUE.',
    keys: { atSeconds, group: ofGroup, hook: "Which hook; the group's first if left out." },
  },
  'set-draining': {
    says: 'Somebody else sets a container instance DRAINING.',
    keys: { atSeconds, group: ofGroup, old },
  },
  'set-active': {
    says: 'Somebody else sets a container instance ACTIVE, whether it drains or not: ECS may place tasks on it again.',
    keys: { atSeconds, group: ofGroup, old },
  },
  'update-task-protection': {
    says: 'UpdateTaskProtection: scale-in and deployments leave these tasks alone. Whether a drain does is `protection.blocksDrain`.',
    keys: {
      atSeconds,
      service: 'Which REPLICA service; the first if left out. Standalone tasks cannot be protected.',
      tasks: 'How many of its RUNNING tasks, the oldest first.',
      expiresInMinutes: "For how long, in AWS's own unit.",
    },
  },
  'return-from-warm-pool': {
    says: 'A scale-out that takes an instance from the warm pool. The instance keeps its id.',
    keys: { atSeconds, group: ofGroup },
  },
  'change-policy': {
    says: 'The controller is deployed again: functions that start later have another policy.',
    keys: { atSeconds, policy: "Overrides, as in `controller.policy`, over the plan's own." },
  },
}

const faults: Meanings = {
  perMille: 'By site: how often in 1,000 a fault strikes where it could.',
  untilSeconds:
    "No fault strikes after this. The plan's `untilSeconds` if left out. A run cannot settle while faults of `perMille` may strike, so set it.",
  only: 'Only the strikes with these ids; null keeps all. That is how a failure is made smaller.',
  lose: 'Messages that are certainly lost: `{ message: task-stopped, nth: 0 }` is the first of its kind.',
  script:
    'Exact misfortunes: `{ do: crash-after, call: AppendToStream, nth: 0 }`, also `crash-before`, `fail-call`, `lose-request`, `lose-answer`; or `{ do: deliver-twice, message: termination, nth: 0 }`. `ecs-drain check` and `ecs-drain storm` write them.',
}

const controller: Meanings = {
  sweepEverySeconds: "The period of ecs-drain's sweep.",
  pollEverySeconds: 'The timer of `counting-poller`.',
  policy: "Overrides of core's DrainPolicy, in its own names. **Durations here are milliseconds**, as in core.",
}

const policy: Meanings = {
  metadataClusters: "Clusters that a hook's metadata may name, besides the plan's; `*` stands for any text.",
  settle: 'From DRAINING to the first reading of tasks that counts as evidence.',
  spreadReads: 'When many drains begin together, their first readings are spread over this time after `settle`.',
  notFoundGrace: 'If the container instance is not found, it is looked for once more after this time.',
  deadline:
    'Counted from the start of the lifecycle action, and what happens then: `{ after: 1800000, choice: stop-tasks }`.',
  stopGrace: 'With `stop-tasks`: how long the tasks have before CONTINUE.',
  standaloneAfter: 'Standalone tasks are stopped this long after DRAINING; null: they are waited for.',
  retry: 'A failed call is made again after `first`, then after twice that, up to `most`.',
  hopsMax: 'How many wake-ups may follow one another.',
}

const expectation: Meanings = {
  leastRunning: 'By service.',
  secondsAtZero: 'By service.',
  secondsBelowFloor: 'By service.',
  tasksKilled: 'Tasks whose host was terminated before they had stopped.',
  movesPerTask: '1: each task was replaced once.',
  lambdaInvocations: 'Of the controller.',
  apiCalls: 'To ECS and Auto Scaling.',
  apiCallsByOperation: 'By operation: `{ ListTasks: "<= 8" }`.',
  secondsFromLastStoppedToCompletion: 'The worst of all lifecycle actions; negative is too early.',
  totalSeconds: 'From the first happening to the last change.',
  promises: 'Every promise held.',
  brokenPromises: 'Exactly these were broken: `[S1]`.',
  hookEndings: 'How lifecycle actions ended, and how many: `{ CONTINUE: 2 }`.',
  placementFailures: 'Why a task found no place, and how often.',
  messagesLost: 'Lost because of faults.',
  messagesDuplicated: 'Delivered twice because of faults.',
  messagesDeadLettered: 'Messages that came back too often (`queue.maxReceives`).',
  decisions: 'Decisions that the controller recorded, and how often: `{ CompletionDecided: 2 }`.',
}

const section = (title: string, says: string, rows: ReadonlyArray<string>): ReadonlyArray<string> => [
  `## ${title}`,
  '',
  says,
  '',
  ...rows,
  '',
]

const happeningRows = (): ReadonlyArray<string> => {
  const told = problemsOf(documentWith(['happenings', 0], { do: stranger })).join()
  const verbs = /expected one of (.*), got/.exec(told)?.[1]?.split(', ') ?? []
  const missing = verbs.filter((verb) => !Object.hasOwn(happenings, verb))
  if (missing.length > 0) throw new Error(`no sentence for ${missing.join(', ')}`)
  return verbs.flatMap((verb) => {
    const { says, keys } = happenings[verb] ?? { says: '', keys: {} }
    const plan = completePlan({ happenings: [{ do: verb as Plan['happenings'][number]['do'] }] })
    const path = ['happenings', 0, `do:${verb}`]
    return [`### ${verb}`, '', says, '', ...table(path, keys, plan.happenings[0] ?? {}), '']
  })
}

export const planFilePage = (): string => {
  const usual = completePlan({ services: [{ loadBalancer: {} }], standaloneTasks: [{}] })
  const [usualGroup, usualService, usualTask] = [usual.groups[0], usual.services[0], usual.standaloneTasks[0]]
  const noBalancer = { ...usualService, loadBalancer: null }
  const usualPolicy = uncheckedPolicy({ hooks: [], clusters: [] })
  return [
    '# The file of a scenario',
    '',
    generatedNote,
    '',
    'A scenario is a YAML or JSON file, also called a plan. Only `name` is required; everything else has the default below.',
    '',
    'These are errors, and `ecs-drain simulate FILE` reports all of them at once:',
    '',
    '* an unknown key;',
    '* a value that AWS would refuse;',
    '* something that can have no effect whatever happens in the run, such as a happening after its end.',
    '',
    'What only the run can tell is no error: whether an update is over when the next begins, or whether a task finds room. Two values are not used,',
    'and not refused: `desired` of a DAEMON, and `answersAfterSeconds` of a hook that is ours, since a complete plan has both.',
    '',
    'A duration in seconds is one number. Where "a range" is allowed it may be `[least, most]`; then each occurrence draws its own value.',
    '',
    'The smallest useful file:',
    '',
    '```yaml',
    'name: smallest',
    'happenings: [{ do: ami-update }]',
    '```',
    '',
    'It means one group of two instances with one hook, one service of four tasks, and a new AMI after a minute.',
    '',
    '## Running one',
    '',
    '<!-- file: my-scenario.yaml -->',
    '',
    '```yaml',
    'name: my-scenario',
    'groups: [{ name: hosts, desired: 3 }]',
    'services: [{ name: api, desired: 6, loadBalancer: { deregistrationDelaySeconds: 60 } }]',
    'happenings: [{ do: ami-update, group: hosts, batch: 1 }]',
    'parameters: { scheduler.reaction: [1, 30] }',
    '```',
    '',
    '`--json` prints all figures for programs, and `--set` changes one value:',
    '',
    '```console',
    '$ npx ecs-drain simulate my-scenario.yaml --json | node -p "JSON.parse(fs.readFileSync(0)).controllers.map((c) => c.name + \' \' + c.tasksKilled).join()"',
    'none 6,counting-poller 6,article 1,ecs-drain 0',
    `$ npx ecs-drain simulate my-scenario.yaml --set 'services[0].minimumHealthyPercent=all'; echo "exit code $?"`,
    'ecs-drain: my-scenario.yaml, with --set: services[0].minimumHealthyPercent: expected an integer from 0 to 200, got "all"',
    'exit code 2',
    '```',
    '',
    '`--seed N` gives another run, `--report FILE` draws it, and `--trace FILE` writes everything that happened, as JSON lines.',
    '',
    '| exit code | meaning |',
    '| --- | --- |',
    '| 0 | every run was made, and ecs-drain kept every promise; a run that had not settled by `untilSeconds` says so |',
    '| 1 | unexpected failure |',
    '| 2 | bad input; nothing was written |',
    '| 3 | ecs-drain broke a promise, which the output names with its witness |',
    '| 8 | a result was not within `expect` |',
    '| 130, 143 | interrupted, terminated |',
    '',
    'All that `--json` prints of one controller, here with the first of its promises only:',
    '',
    '```console',
    `$ npx ecs-drain simulate my-scenario.yaml -c ecs-drain --json | node -p "JSON.stringify(JSON.parse(fs.readFileSync(0)), (k, v) => k === 'promises' ? v.slice(0, 1) : v, 2)"`,
    '{',
    '  "scenario": "my-scenario",',
    '  "seed": 1,',
    '  "controllers": [',
    '    {',
    '      "name": "ecs-drain",',
    '      "services": [',
    '        {',
    '          "name": "api",',
    '          "desired": 6,',
    '          "floor": 6,',
    '          "leastRunning": 6,',
    '          "secondsAtZero": 0,',
    '          "secondsBelowFloor": 0',
    '        }',
    '      ],',
    '      "tasksKilled": 0,',
    '      "movesPerTask": 1,',
    '      "lambdaInvocations": 18,',
    '      "apiCalls": 32,',
    '      "apiCallsByOperation": {',
    '        "ListContainerInstances": 3,',
    '        "DescribeContainerInstances": 3,',
    '        "UpdateContainerInstancesState": 3,',
    '        "ListTasks": 9,',
    '        "DescribeTasks": 2,',
    '        "CompleteLifecycleAction": 3,',
    '        "RecordLifecycleActionHeartbeat": 3,',
    '        "DescribeLifecycleHooks": 3,',
    '        "DescribeAutoScalingGroups": 3',
    '      },',
    '      "secondsFromLastStoppedToCompletion": 2.065,',
    '      "totalSeconds": 495.303,',
    '      "promises": [',
    '        {',
    '          "name": "S1 no early completion",',
    '          "held": true',
    '        }',
    '      ]',
    '    }',
    '  ],',
    '  "traceHash": "04e6c62c31e4d3d8"',
    '}',
    '```',
    '',
    'Keys that are there only where there is something to say:',
    '',
    '| key | of | meaning |',
    '| --- | --- | --- |',
    '| `witness` | a promise that was broken | when, where and by what |',
    '| `excluded` | a promise | what was not counted, each with the reason |',
    '| `settled` | a controller | `false`: the run had not settled by `untilSeconds` |',
    '| `unmet` | a controller | what `expect` says otherwise, a line each |',
    '| `variant`, `variants` | a file with several variants | the name of the first, which is told as above; the others by name |',
    '',
    'With `expect` a scenario is a test:',
    '',
    '<!-- file: tested.yaml -->',
    '',
    '```yaml',
    'name: tested',
    'happenings: [{ do: ami-update, batch: 1 }]',
    'expect:',
    '  ecs-drain: { tasksKilled: 0, movesPerTask: "<= 1.5", totalSeconds: "< 120" }',
    '```',
    '',
    '```console',
    `$ npx ecs-drain simulate tested.yaml --controller ecs-drain > out.txt; echo "exit code $?"; grep 'not as expected' out.txt`,
    'exit code 8',
    'ecs-drain, not as expected: totalSeconds: expected < 120, was 231.216',
    '```',
    '',
    ...section(
      'The document',
      'The top-level keys of the file.',
      table([], scenario, { ...usual, name: undefined, standaloneTasks: [] }),
    ),
    ...section('cluster', 'The one cluster of the plan.', table(['cluster'], cluster, usual.cluster)),
    ...section(
      'groups',
      'A list. Left out, it is one group with all defaults.',
      table(['groups', 0], group, usualGroup ?? {}),
    ),
    ...section('groups[].hooks', 'A list.', table(['groups', 0, 'hooks', 0], hook, usualGroup?.hooks[0] ?? {})),
    ...section(
      'services',
      'A list. Left out, it is one service with all defaults.',
      table(['services', 0], service, noBalancer),
    ),
    ...section(
      'services[].loadBalancer',
      'Without a load balancer, a task counts as healthy 40 seconds after RUNNING (the parameter `scheduler.healthyAfterRunning`), or when its health check passes.',
      table(['services', 0, 'loadBalancer'], loadBalancer, usualService?.loadBalancer ?? {}),
    ),
    ...section('standaloneTasks', 'A list.', table(['standaloneTasks', 0], standaloneTask, usualTask ?? {})),
    '## happenings',
    '',
    'A list. Each has a verb, `do`, and the keys of that verb.',
    '',
    ...happeningRows(),
    ...section('faults', 'Each fault is drawn by itself, so removing one changes no other.', [
      ...table(['faults'], faults, usual.faults),
      '',
      `Sites: ${keysOf(['faults', 'perMille'])
        .map((site) => `\`${site}\``)
        .join(', ')}.`,
    ]),
    ...section(
      'controller',
      'Settings of the controllers that are compared.',
      table(['controller'], controller, usual.controller),
    ),
    ...section(
      'controller.policy',
      "Hooks, clusters, account and the sweep's period come from the plan, and cannot be set here.",
      table(['controller', 'policy'], policy, usualPolicy),
    ),
    ...section(
      'expect',
      'By controller: `none`, `counting-poller`, `article`, `ecs-drain`. A bound is a number, or text: `">= 4"`, `"< 10"`, `"30..180"` (both included).',
      table(['expect', 'ecs-drain'], expectation, {}),
    ),
    '## variants',
    '',
    'Each variant has a name, `set` (values by path, as for `--set`) and `expect` (added to that of the scenario).',
    '',
    '```yaml',
    'name: two-sizes',
    'services: [{ name: api, desired: 4 }]',
    'happenings: [{ do: ami-update }]',
    'variants:',
    '  as-it-is: {}',
    '  twice-the-tasks:',
    '    set: { "services[api].desired": 8, parameters.ec2.shutdown: 60 }',
    'expect:',
    '  ecs-drain: { leastRunning: { api: ">= 4" }, tasksKilled: 0, promises: all }',
    '```',
    '',
  ].join('\n')
}
