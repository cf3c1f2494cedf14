// docs/cost.md: what a drain costs, from simulated runs, beside what earlier tools cost by their own loops.
import { type Cost, costOf, deploymentOnly, drainsAtOnce, oneDrain } from './cost-study.ts'
import { generatedNote } from './generated-note.ts'

/** The page, as the simulated runs come out. */
export const costPage = (): string =>
  [
    '# What a drain costs',
    '',
    generatedNote,
    '',
    'These are figures of simulated runs. Calls and messages take as long as the [parameters](parameters.md) say: 20 to 120 ms for a call to AWS.',
    'Billed milliseconds are those of the invocations, without cold starts. `test/cost.test.ts` limits what ecs-drain may use. For what the stack',
    'costs while nothing drains, see [deploying](deploy.md#what-it-costs).',
    '',
    '## One drain',
    '',
    'There are N tasks on one instance, behind a load balancer.',
    '',
    '| | |',
    '| --- | --- |',
    '| T | the time from DRAINING to the last STOPPED |',
    '| Tr | the time from DRAINING until the last task has been told to stop |',
    '| calls | those to ECS and Auto Scaling |',
    '| late | the time from the last STOPPED to the completion of the lifecycle action. If it is negative, the host was let go that long before its last task had stopped. |',
    '',
    ...[
      { tasks: 10, delay: 59 },
      { tasks: 10, delay: 569 },
      { tasks: 100, delay: 59 },
    ].flatMap(oneDrainTable),
    "ECS also sends a container instance event with each task that it tells to stop. The templates' rule forwards only those of a lost agent",
    '([decision 15](decisions/0015-only-lost-agents.md)); a rule for all events of DRAINING instances would add up to one invocation for each task.',
    '',
    'Eight calls are the same in each drain of ecs-drain: find the container instance, set it to DRAINING, describe the hook, list the running',
    'tasks, list the running and the stopping tasks, check that it is still DRAINING, complete. More calls come from:',
    '',
    '| when | calls |',
    '| --- | --- |',
    '| all tasks were told to stop before they are first listed ([decision 13](decisions/0013-look-again-before-letting-go.md)) | 2 |',
    '| a sweep (every 5 minutes) finds the instance still waiting, in case an event was lost | 1 each: a drain of a quarter of an hour makes eleven calls, one of an hour twenty |',
    '| a sweep and the sweep before it both see a task run that nobody has told to stop | 1 more each |',
    '| a sweep finds the agent disconnected, or back ([decision 15](decisions/0015-only-lost-agents.md)) | 1 more each |',
    '| a sweep falls into the second in which a hundred tasks stop, and each invocation with their events confirms what the sweep has seen | up to 25, in 1 to 3 of 100 such drains |',
    "| heartbeats | the one that begins the drain ([decision 3](decisions/0003-heartbeat-as-proof.md)), and others as the hook's timeout requires |",
    '| more than a hundred tasks | a page or a description for each further hundred |',
    '',
    'The sweep itself makes one call to Auto Scaling for each fifty groups that are named, or each hundred where all are meant (`*`), for all',
    'drains together, and also when nothing drains.',
    '',
    'Where the rows come from:',
    '',
    '| tool | how |',
    '| --- | --- |',
    '| ecs-drain | run |',
    '| counting-poller | run. It lets the host go before its tasks have stopped, so its last STOPPED is the moment at which ECS notices that they are gone. |',
    '| aws-cdk drain hook | computed from its loop: it sleeps 10 s in one invocation. Its function [as it is deployed today](why-not-counting.md#the-cdks-drain-hook-today) made as many calls when it was run, 27 and 129 for 10 tasks, and was 3 and 9 s late |',
    '| ecs-cid-sample | computed: it sends itself a message about every 5.35 s until `runningTasksCount` is 0, and Lambda stops it after 16 |',
    '| ecs-drain-lambda (getsocial) | computed: it looks every 10 s in one invocation |',
    '| widdix | computed: the function asks every 60 s |',
    '',
    'Computed rows follow the sources of these tools in 2026.',
    '',
    '## A task that stops while nothing drains',
    '',
    ...deploymentLines(),
    '',
    '## Many at once',
    '',
    'Instances with ten tasks each are all terminated in one batch. The token buckets are those of an account: ECS allows 100 reads at once and 20 a',
    'second (documented). The same is assumed of Auto Scaling, whose bucket size is not published.',
    '',
    ...manyTable(),
    '',
  ].join('\n')

interface Row {
  readonly tool: string
  readonly invocations: string
  readonly billed: string
  readonly calls: string
  readonly late: string
}

const oneDrainTable = ({ tasks, delay }: { readonly tasks: number; readonly delay: number }): ReadonlyArray<string> => {
  const plan = oneDrain(tasks, delay)
  const ours = costOf(plan, 'ecs-drain')
  const poller = costOf(plan, 'counting-poller')
  const T = ours.toLastStopped / 1000
  const Tr = ours.toLastToldToStop / 1000
  const rows = [measured('**ecs-drain**', ours), measured('counting-poller', poller), ...computed(T, Tr)]
  return [
    `N = ${tasks}, T = ${T.toFixed(1)} s, Tr = ${Tr.toFixed(1)} s:`,
    '',
    '| tool | Lambda invocations | billed | calls | late |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ tool, invocations, billed, calls, late }) => `| ${tool} | ${invocations} | ${billed} | ${calls} | ${late} |`,
    ),
    '',
  ]
}

const measured = (tool: string, cost: Cost): Row => {
  const own = cost.calls - cost.heartbeats - cost.sweepCalls
  const more = [
    ...(cost.heartbeats === 0 ? [] : [`${cost.heartbeats} ${cost.heartbeats === 1 ? 'heartbeat' : 'heartbeats'}`]),
    ...(cost.sweepCalls === 0 ? [] : [`${cost.sweepCalls} of the sweep`]),
  ]
  return {
    tool,
    invocations: String(cost.invocations),
    billed: `${cost.billed} ms`,
    calls: [String(own), ...more].join(' + '),
    late: cost.worstSeconds === null ? '-' : `${cost.worstSeconds.toFixed(1)} s`,
  }
}

const guard = 16

/** By the loops of the tools: T and Tr in seconds, in a cluster of at most 100 instances. */
const computed = (T: number, Tr: number): ReadonlyArray<Row> => {
  const early = (Tr - T).toFixed(0)
  const cdk = Math.ceil(T / 10)
  const cid = Math.ceil(Tr / 5.35)
  const widdix = Math.ceil(Tr / 60)
  return [
    {
      tool: 'aws-cdk drain hook',
      invocations: '1',
      billed: `${cdk * 10},000 ms`,
      calls: String(2 * cdk + 5),
      late: '0 to 10 s',
    },
    {
      tool: 'ecs-cid-sample',
      invocations: String(Math.min(cid + 1, guard)),
      billed: `${(Math.min(cid + 1, guard) * 5_100).toLocaleString('en')} ms`,
      calls: String((cid + 1) * 2 + cid + 2),
      late: `${early} s`,
    },
    {
      tool: 'ecs-drain-lambda (getsocial)',
      invocations: '1',
      billed: `${Math.round(T + 10)},000 to ${Math.round(T + 20)},000 ms`,
      calls: String(9 + Math.floor(T / 10) + 1),
      late: '10 to 20 s',
    },
    {
      tool: 'widdix',
      invocations: String(1 + widdix),
      billed: '-',
      calls: String(4 * widdix + 3),
      late: `down to ${early} s`,
    },
  ]
}

const deploymentLines = (): ReadonlyArray<string> => {
  const cost = costOf(deploymentOnly(), 'ecs-drain')
  return [
    `A deployment stopped 20 tasks of a service while no instance was draining. That took ${cost.stoppedEvents} events, ${cost.invocations} invocations,`,
    `${cost.billed} ms billed, ${cost.calls - cost.sweepCalls} calls to ECS, and ${cost.sweepCalls} to Auto Scaling (the sweep's). Each batch costs one read of the event store.`,
  ]
}

const manyTable = (): ReadonlyArray<string> => [
  '| drains | calls, each drain | throttled | late, median | late, worst | billed, each drain | promises broken |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...[1, 10, 100, 300, 1000].map((instances) => {
    const cost = costOf(drainsAtOnce(instances), 'ecs-drain')
    return `| ${[
      instances,
      (cost.calls / instances).toFixed(1),
      `${((100 * cost.throttled) / cost.calls).toFixed(1)} %`,
      `${(cost.medianSeconds ?? 0).toFixed(1)} s`,
      `${(cost.worstSeconds ?? 0).toFixed(1)} s`,
      `${Math.round(cost.billed / instances)} ms`,
      cost.promisesBroken.length === 0 ? 'none' : cost.promisesBroken.join(' '),
    ].join(' | ')} |`
  }),
]
