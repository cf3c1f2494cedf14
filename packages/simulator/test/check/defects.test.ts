// Defects of the kind that drain tools have shipped, planted one at a time in core's own sources. Each is found, and the
// story is short enough to be read.
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Model } from '../../src/check/model.ts'
import { simulate as simulateSound } from '../../src/simulate.ts'
import { type Defect, exploringThread, modelNamed, mutatedCore, simulateWithDefect } from './bundled.ts'

interface Planted extends Defect {
  readonly name: string
  readonly model: string
  /** To find that something can never happen takes every state: of the misfortunes, those that it takes are enough. */
  readonly change?: Partial<Model>
  readonly promise: string
  readonly steps: number
  /** The promise that the simulator, in its own time, sees broken by the plan; absent: it takes an order that is not said there. */
  readonly replays?: string
}

const only = (misfortune: keyof Model['misfortunes']): Partial<Model> => ({
  misfortunes: { lost: 0, duplicated: 0, crashes: 0, failures: 0, unanswered: 0, hookTimeouts: 0, [misfortune]: 1 },
})

const completedOnRedelivery = (because: 'drained' | 'deadline'): Omit<Planted, 'name'> => ({
  file: 'drain/decide.ts',
  replace:
    "    case 'ContainerInstanceLost':\n      return [lost(observation.reason, at, policy)]\n    case 'AgentSeen':",
  by: [
    "    case 'TerminationAnnounced':",
    `      return [{ type: 'CompletionDecided', at, result: 'CONTINUE', because: '${because}' }]`,
    "    case 'AgentSeen':",
  ].join('\n'),
  model: 'all-faults',
  promise: 'S1 no early completion',
  steps: 13,
  replays: 'S1 no early completion',
})

const planted: ReadonlyArray<Planted> = [
  {
    name: 'the plain ListTasks alone, which hides every task that is being stopped',
    file: 'invocation/read-tasks.ts',
    replace: "if (call.desiredStatus === 'RUNNING') {",
    by: 'if (false) {',
    model: 'calm',
    promise: 'S1 no early completion',
    steps: 30,
  },
  {
    name: 'a task counts as gone when it is no longer RUNNING',
    file: 'drain/known-tasks.ts',
    replace: "task.lastStatus === 'STOPPED'",
    by: "task.lastStatus !== 'RUNNING'",
    model: 'calm',
    promise: 'S1 no early completion',
    steps: 40,
  },
  {
    name: 'a redelivered notice completes at once, since the instance is DRAINING already',
    ...completedOnRedelivery('drained'),
  },
  {
    name: 'a redelivered notice completes at once, and a deadline that nobody has set is given as the reason',
    ...completedOnRedelivery('deadline'),
  },
  {
    name: 'the deadline has passed as soon as it is looked at',
    file: 'drain/decide.ts',
    replace: 'at < deadlineAt(drain, policy) ||',
    by: 'policy.deadline === null ||',
    model: 'deadline-stop-tasks',
    promise: 'S1 no early completion',
    steps: 10,
  },
  {
    name: 'a notice is taken for an hour old, and its deadline has long passed',
    file: 'observation/observe.ts',
    replace: 'announcedAt: notice.at,',
    by: 'announcedAt: notice.at - 3_600_000,',
    model: 'deadline-continue',
    promise: 'S1 no early completion',
    steps: 10,
    replays: 'S1 no early completion',
  },
  {
    name: 'the tasks are told to stop at the deadline, and given no time for it',
    file: 'drain/schedule.ts',
    replace: 'drain.deadline.reachedAt + policy.stopGrace',
    by: 'drain.deadline.reachedAt',
    model: 'deadline-stop-tasks',
    promise: 'S1 no early completion',
    steps: 20,
  },
  {
    name: 'a deadline at which the tasks are to be waited for completes the action',
    file: 'drain/drain-policy.ts',
    replace: 'wait: null',
    by: "wait: 'CONTINUE'",
    model: 'deadline-continue',
    change: { deadline: { after: 3, choice: 'wait', stopGrace: 0 } },
    promise: 'S1 no early completion',
    steps: 15,
  },
  {
    name: 'an instance that was let go is set ACTIVE again',
    file: 'drain/drain.ts',
    replace: "drain.phase === 'ended' && drain.returned && ",
    by: "drain.phase === 'ended' && ",
    model: 'moving-tasks',
    promise: 'S1 no early completion',
    steps: 40,
  },
  {
    name: 'the event of a task that has stopped completes a drain that has not found its instance',
    file: 'drain/decide.ts',
    replace: "    case 'ContainerInstanceAbsent':\n",
    by: [
      "    case 'TaskSeen':",
      "      return [{ type: 'CompletionDecided', at, result: 'CONTINUE', because: 'drained' }]",
      "    case 'ContainerInstanceAbsent':\n",
    ].join('\n'),
    model: 'standalone-tasks',
    change: only('crashes'),
    promise: 'S1 no early completion',
    steps: 12,
  },
  {
    name: 'an instance that is in no list yet has no tasks, so it may go',
    file: 'drain/decide.ts',
    replace: 'if (again === null) return [notFound]',
    by: "if (again === null) return [notFound, { type: 'CompletionDecided', at, result: 'CONTINUE', because: 'drained' }]",
    model: 'all-faults',
    promise: 'S1 no early completion',
    steps: 8,
  },
  {
    name: 'an instance that is in no list is looked for once more at once',
    file: 'drain/schedule.ts',
    replace: 'Math.max(notFoundGrace, seconds(1)) : notFoundGrace',
    by: '0 : 0',
    model: 'all-faults',
    promise: 'S1 no early completion',
    steps: 10,
  },
  {
    name: 'two functions that do not find an instance at the same time count as two looks',
    file: 'drain/decide.ts',
    replace: 'if (at < again || (',
    by: 'if ((',
    and: {
      file: 'invocation/invocation.ts',
      replace: "return observation?.type === 'ContainerInstanceAbsent' ||",
      by: 'return',
    },
    model: 'two-handlers',
    promise: 'S1 no early completion',
    steps: 12,
  },
  {
    name: 'one reading is believed',
    file: 'drain/schedule.ts',
    replace: ': drain.readAt + policy.settle',
    by: ': drain.readAt',
    model: 'late-placement',
    promise: 'S1 no early completion',
    steps: 30,
  },
  {
    name: 'the older of two readings counts from its beginning',
    file: 'drain/schedule.ts',
    replace: ': drain.readAt + policy.settle',
    by: ': drain.readSince + policy.settle',
    model: 'slow-functions',
    promise: 'S1 no early completion',
    steps: 25,
  },
  {
    name: 'an effect that failed is not owed again',
    file: 'effect/effects-owed.ts',
    replace: '(failureOf(drain, effect.type, taskOf(effect))?.retryAt ?? now) <= now',
    by: 'failureOf(drain, effect.type, taskOf(effect)) === undefined',
    model: 'all-faults',
    change: only('failures'),
    promise: 'L1 completes when the tasks have stopped',
    steps: 15,
    replays: 'L3 the hook does not time out',
  },
  {
    name: 'an effect that failed is not owed again, and no sweep comes by',
    file: 'effect/effects-owed.ts',
    replace: '(failureOf(drain, effect.type, taskOf(effect))?.retryAt ?? now) <= now',
    by: 'failureOf(drain, effect.type, taskOf(effect)) === undefined',
    model: 'two-instances-with-faults',
    change: { hopsMax: 3 },
    promise: 'L1 completes when the tasks have stopped (by events alone)',
    steps: 15,
  },
  {
    name: 'the token of another action is given',
    file: 'invocation/carry-out.ts',
    replace: "    case 'StopTask':\n    case 'CompleteLifecycleAction':",
    by: [
      "    case 'CompleteLifecycleAction': {",
      "      const action = { ...effect.action, token: 'another' as never }",
      "      return { type: 'one-call', effect, call: { ...effect, action } }",
      '    }',
      "    case 'StopTask':",
    ].join('\n'),
    model: 'calm',
    promise: 'L1 completes when the tasks have stopped (by events alone)',
    steps: 5,
  },
  {
    name: 'the sweep asks nobody to look at the tasks again',
    file: 'drain/decide.ts',
    replace: 'return hasUseForSweep(drain, policy) ? swept(drain, at) : nothing',
    by: 'return nothing',
    model: 'all-faults',
    change: only('lost'),
    promise: 'L1 completes when the tasks have stopped',
    steps: 45,
    replays: 'L1 completes when the tasks have stopped',
  },
  {
    name: 'the sweep ignores an instance that nobody knows of',
    file: 'invocation/sweep.ts',
    replace: '|| isKnown) continue',
    by: '|| true) continue',
    model: 'all-faults',
    change: only('lost'),
    promise: 'L1 completes when the tasks have stopped',
    steps: 3,
    replays: 'L3 the hook does not time out',
  },
  {
    name: 'no wake-up is sent, and nothing comes back after the settle time',
    file: 'effect/effects-owed.ts',
    replace: 'return work.length === 0 ? owedWakeUp(drain, now, policy, hops) : work',
    by: 'return work',
    model: 'calm',
    promise: 'L1 completes when the tasks have stopped (by events alone)',
    steps: 16,
  },
  {
    name: 'standalone tasks are told to stop as far as their group is known, and nobody looks for the others',
    file: 'effect/effects-owed.ts',
    replace: "return isSwept(drain, now) || hidesStandalone(drain, now, policy) ? 'known' : null",
    by: "return isSwept(drain, now) ? 'known' : null",
    model: 'standalone-tasks',
    promise: 'L1 completes when the tasks have stopped (by events alone)',
    steps: 30,
  },
  {
    name: 'an instance is taken for DRAINING because it was once',
    file: 'invocation/read-tasks.ts',
    replace: 'if (!isInDoubt(reading) || containerInstance === null)',
    by:
      "if (reading.effect.scope === 'all') return cameTo(tasksSeen({ ...reading, agentConnected: true }))\n" +
      '  if (!isInDoubt(reading) || containerInstance === null)',
    model: 'set-active-by-others',
    promise: 'S1 no early completion',
    steps: 40,
  },
  {
    name: 'an instance is looked at before the lists of its tasks, and not after them',
    file: 'invocation/read-tasks.ts',
    replace: "call: effect.scope === 'known'",
    by:
      "call: effect.scope === 'all' ? { type: 'DescribeContainerInstances', cluster: effect.cluster, " +
      "containerInstances: [effect.containerInstance] } : effect.scope === 'known'",
    and: {
      file: 'invocation/read-tasks.ts',
      replace: 'if (agentConnected || instance === null)',
      by:
        "if (effect.scope === 'all') return goOnWith({ ...after, call: listing(effect, effect.containerInstance) })\n    " +
        'if (agentConnected || instance === null)',
      and: {
        file: 'invocation/read-tasks.ts',
        replace: 'if (!isInDoubt(reading) ||',
        by: "if (reading.effect.scope === 'all' || !isInDoubt(reading) ||",
      },
    },
    model: 'set-active-by-others',
    promise: 'S1 no early completion',
    steps: 35,
  },
  {
    name: 'the tasks of a service are told to stop at once, and nobody waits for what replaces them',
    file: 'effect/effects-owed.ts',
    replace: "const stopsAll = drain.deadline?.choice === 'stop-tasks'",
    by: 'const stopsAll = true',
    model: 'calm',
    promise: 'S2 floor',
    steps: 25,
  },
  {
    name: 'a redelivered notice abandons the instance at once',
    file: 'drain/decide.ts',
    replace:
      "    case 'ContainerInstanceLost':\n      return [lost(observation.reason, at, policy)]\n    case 'AgentSeen':",
    by: [
      "    case 'TerminationAnnounced':",
      "      return [{ type: 'CompletionDecided', at, result: 'ABANDON', because: 'drained' }]",
      "    case 'AgentSeen':",
    ].join('\n'),
    model: 'all-faults',
    promise: 'S1 no early completion',
    steps: 13,
  },
  {
    name: "every hook's notice is taken for ours",
    file: 'observation/observe.ts',
    replace: '.some(({ name }) => name === hook)',
    by: '.length > 0',
    model: 'foreign-hook',
    promise: 'S3 foreign hooks and instances',
    steps: 30,
  },
  {
    name: 'an action that is over is recorded as completed, and once more by whoever comes late',
    file: 'invocation/carry-out.ts',
    replace: "return { type: 'LifecycleActionNotActive', of: 'completion' }",
    by: "return { type: 'CompletionAccepted', result: effect.result }",
    and: {
      file: 'drain/decide.ts',
      replace: "return drain.ending === 'over' && drain.decision !== null",
      by: 'return drain.decision !== null',
    },
    model: 'two-handlers',
    promise: 'S4 one completion per action',
    steps: 35,
  },
  {
    name: 'a conflict is taken for success',
    file: 'invocation/invocation.ts',
    replace: "if (answer.type === 'conflict') {",
    by: "if (answer.type === 'nothing') {",
    model: 'two-handlers',
    promise: 'S5 the stream is enough',
    steps: 40,
  },
  {
    name: 'an action that is over is not recorded as such',
    file: 'drain/drain.ts',
    replace: "return ended(drain, drain.ending ?? 'over')",
    by: 'return drain',
    model: 'all-faults',
    change: only('hookTimeouts'),
    promise: 'L2 every drain ends',
    steps: 45,
  },
]

const { explore, end } = await exploringThread()
afterAll(end)

describe('a core in which', () => {
  test.each(planted)(
    '$name breaks $promise',
    { timeout: 240_000 },
    async ({ model: name, change, promise, steps, replays, ...defect }) => {
      const core = await mutatedCore(defect)
      const model = { ...modelNamed(name), ...change }
      const { counterexample } = await explore(model, { core })
      expect(counterexample?.promise).toBe(promise)
      expect(counterexample?.story.length).toBeLessThanOrEqual(steps)
      // It takes as many steps where nothing is interchangeable.
      const { counterexample: told } = await explore(model, { core, symmetry: false })
      expect([told?.promise, told?.story.length]).toEqual([promise, counterexample?.story.length])
      // Under the reduction it is found as well, by a story of the same steps, if not of the fewest.
      const { counterexample: reduced } = await explore(model, { core, reduction: true })
      expect(reduced?.promise).toBe(promise)
      expect(reduced?.story.length).toBeGreaterThanOrEqual(counterexample?.story.length ?? 0)
      expect(reduced?.story.length).toBeLessThanOrEqual(steps + 20)
      if (replays === undefined || counterexample === null) return
      const simulate = await simulateWithDefect(defect)
      const broken = simulate(counterexample.plan).promises.filter(({ held }) => !held)
      expect(broken.map(({ name }) => name)).toContain(replays)
      // Without the defect the same misfortunes break nothing.
      expect(simulateSound(counterexample.plan).promises.filter(({ held }) => !held)).toEqual([])
    },
  )
})

interface Missing extends Defect {
  readonly name: string
  readonly model: string
  readonly what: string
}

// What is reached for the wrong reason is reached all the same where the right one is gone. So each is taken away.
describe('nobody takes it for reached', () => {
  const inCore: ReadonlyArray<Missing> = [
    {
      name: 'no heartbeat ever becomes due',
      file: 'effect/effects-owed.ts',
      replace: 'now >= heartbeatFrom(drain, policy) || isBroughtForward(drain, now, policy)',
      by: 'false',
      model: 'heartbeats',
      what: 'a heartbeat was recorded that time had made due',
    },
    {
      name: 'an action that is over is recorded as completed',
      file: 'invocation/carry-out.ts',
      replace: "return { type: 'LifecycleActionNotActive', of: 'completion' }",
      by: "return { type: 'CompletionAccepted', result: effect.result }",
      model: 'two-handlers',
      what: 'an action was over before it was answered',
    },
    {
      name: 'a deadline ends every drain',
      file: 'drain/schedule.ts',
      replace: ': drain.readAt + policy.settle',
      by: ': drain.readAt + policy.settle + 60_000',
      model: 'deadline-continue',
      what: 'a lifecycle action was completed because the last task had stopped',
    },
    {
      name: 'a sweep to which nobody describes the groups tells nobody anything',
      file: 'invocation/sweep.ts',
      replace: 'told: stage.watched.map(timePassed)',
      by: 'told: []',
      model: 'all-faults',
      what: 'a sweep was not told who waits, and said that time had passed',
    },
  ]
  test.each(inCore)('when $name', { timeout: 60_000 }, async ({ model, what, ...defect }) => {
    const { outcome, neverReached } = await explore(modelNamed(model), { core: await mutatedCore(defect) })
    expect({ outcome, neverReached }).toEqual({ outcome: 'never-reached', neverReached: [what] })
  })

  const inEnvironment: ReadonlyArray<Missing> = [
    {
      name: 'no message comes twice',
      file: 'check/moves/step-draft.ts',
      replace: '[1, 0, 2]',
      by: '[1, 0]',
      model: 'foreign-hook',
      what: 'a message came in two copies',
    },
    {
      name: 'no function dies before its call',
      file: 'check/moves/handler-moves.ts',
      replace: '    crashBefore(each)\n',
      by: '',
      model: 'foreign-hook',
      what: 'a function crashed after an append and before its effect',
    },
    {
      name: 'no function dies between an append and its effect',
      file: 'check/moves/handler-moves.ts',
      replace: '    if (!mayPay(crashes)) return\n    change()\n    terms.cost = crashes\n    if (code',
      by: [
        '    const at = draft.source.handlers[each] as Handler',
        "    const isBetween = !at.loading && core.asking(at.invocation - 1).invocation.stage.type === 'carrying'",
        '    if (!mayPay(crashes) || isBetween) return',
        '    change()\n    terms.cost = crashes\n    if (code',
      ].join('\n'),
      model: 'foreign-hook',
      what: 'a function crashed after an append and before its effect',
    },
    {
      name: 'the list of container instances has every one that is there',
      file: 'check/moves/handler-moves.ts',
      replace: "    if (call.type === 'ListContainerInstances') missInstance(each)\n",
      by: '',
      model: 'two-handlers',
      what: 'an instance that was in no list was found all the same',
    },
    {
      name: 'no call fails',
      file: 'check/moves/handler-moves.ts',
      replace: '    fail(each)\n',
      by: '',
      model: 'heartbeats',
      what: 'a call failed and was made again',
    },
    {
      name: 'lists and descriptions are up to date',
      file: 'check/moves/environment.ts',
      replace: '!model.staleReads || from === position',
      by: 'true',
      model: 'late-placement',
      what: 'a list or description was out of date',
    },
    {
      name: "the other hook's notice is lost",
      file: 'check/moves/aws-moves.ts',
      replace: 'if (model.foreignHook) after.foreignTerminations += 1',
      by: '',
      model: 'foreign-hook',
      what: "another hook's notice was ignored",
    },
    {
      name: 'nobody sets the instance ACTIVE',
      file: 'check/moves/environment.ts',
      replace: 'share.status === draining && share.life !== gone && !share.wasSetActive',
      by: 'share.wasSetActive',
      model: 'set-active-by-others',
      what: 'somebody set the instance ACTIVE, and it was set DRAINING again',
    },
    {
      name: 'no hook times out',
      file: 'check/moves/environment.ts',
      replace: 'canTimeOut = (share: Share): boolean => share.ourAction === open',
      by: 'canTimeOut = (share: Share): boolean => share.ourAction === open && share.life === gone',
      model: 'all-faults',
      what: 'the hook timed out',
    },
  ]
  test.each(inEnvironment)('when $name', { timeout: 60_000 }, async ({ model, what, ...defect }) => {
    const without = await exploringThread(defect)
    onTestFinished(() => void without.end())
    const { neverReached } = await without.explore(modelNamed(model), { liveness: false, states: 1_500_000 })
    expect(neverReached).toEqual([what])
  })
})
