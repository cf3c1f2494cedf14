/**
 * Defects that real drain tools shipped, as small edits of core: which text of which file becomes what, and who had it. Each is
 * applied alone and has to be found. `find` occurs exactly once; a test says so.
 */

/** One replacement in a file of `packages/core/src`. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly put: string
}

/** A defect by name, and the tool or report that it is taken from. */
export interface Mutant {
  readonly name: string
  readonly why: string
  readonly edits: readonly [Edit, ...ReadonlyArray<Edit>]
}

const mutant = (name: string, why: string, ...edits: Mutant['edits']): Mutant => ({ name, why, edits })
const edit = (file: string, find: string, put: string): Edit => ({ file, find, put })

const knownTasks = 'drain/known-tasks.ts'
const decide = 'drain/decide.ts'
const schedule = 'drain/schedule.ts'
const drain = 'drain/drain.ts'
const retry = 'drain/retry.ts'
const owed = 'effect/effects-owed.ts'
const carryOut = 'invocation/carry-out.ts'
const findContainerInstance = 'invocation/find-container-instance.ts'
const readTasks = 'invocation/read-tasks.ts'
const outcome = 'invocation/outcome.ts'
const invocation = 'invocation/invocation.ts'
const routing = 'invocation/routing.ts'
const sweep = 'invocation/sweep.ts'
const observe = 'observation/observe.ts'

const completes = "{ type: 'CompletionDecided', at, result: 'CONTINUE', because: 'drained' } as const"

/** All of them; names are unique. */
export const mutants: ReadonlyArray<Mutant> = [
  // What counts as gone
  mutant(
    'counts-running-only',
    'aws-cdk#13506: the hook completes as soon as tasks leave RUNNING, and they are killed while they stop',
    edit(knownTasks, "task.lastStatus === 'STOPPED'", "task.lastStatus !== 'RUNNING'"),
  ),
  mutant(
    'desired-status-counts',
    'ecs-cid-sample, widdix, xero, in4it: runningTasksCount counts the desired status, which is STOPPED at once',
    edit(
      knownTasks,
      "task.lastStatus === 'STOPPED'",
      "task.lastStatus === 'STOPPED' || task.desiredStatus === 'STOPPED'",
    ),
  ),
  mutant(
    'stopping-is-stopped',
    'aws-cdk before its fix: a task in DEACTIVATING, which still serves, was no longer waited for',
    edit(
      knownTasks,
      "task.lastStatus === 'STOPPED'",
      "['STOPPED', 'STOPPING', 'DEACTIVATING', 'DEPROVISIONING'].includes(task.lastStatus)",
    ),
  ),
  mutant(
    'standalone-tasks-forgotten',
    'bottlerocket-ecs-updater#43: tasks of RunTask, which no service owns, were nobody’s concern',
    edit(knownTasks, "task.lastStatus === 'STOPPED'", "task.lastStatus === 'STOPPED' || isStandalone(task)"),
  ),
  mutant(
    'standalone-tasks-not-looked-for',
    'a task that was only ever listed may be standalone, and is never asked what it is: it is waited for until a sweep comes',
    edit(
      owed,
      "return isSwept(drain, now) || hidesStandalone(drain, now, policy) ? 'known' : null",
      "return isSwept(drain, now) ? 'known' : null",
    ),
  ),
  mutant(
    'starting-tasks-forgotten',
    'tools that look for RUNNING alone: a task that is still on its way is not there for them',
    edit(
      knownTasks,
      "task.lastStatus === 'STOPPED'",
      "['STOPPED', 'PENDING', 'PROVISIONING'].includes(task.lastStatus)",
    ),
  ),
  mutant(
    'event-version-ignored',
    'EventBridge promises no order: who takes the latest to arrive for the latest brings tasks back to life, or buries them',
    edit(knownTasks, 'sighting.version > known.version ||', 'sighting !== known ||'),
  ),
  mutant(
    'first-sighting-stands',
    'a cache of tasks that is filled once: what comes later changes nothing',
    edit(knownTasks, 'sighting.version > known.version ||', ''),
  ),
  mutant(
    'missing-means-stopped',
    'DescribeTasks does not know a new task yet: taken for one that has ended',
    edit(readTasks, 'const inLists = new Set(undescribed)', 'const inLists = new Set(running)'),
  ),
  // What is read
  mutant(
    'plain-list-tasks',
    'getsocial, aws-cdk: ListTasks without desiredStatus hides the tasks that are being stopped',
    edit(
      readTasks,
      "if (call.desiredStatus === 'RUNNING') {",
      "if (call.desiredStatus === 'RUNNING' && page.items.length < 0) {",
    ),
  ),
  mutant(
    'second-list-replaces-first',
    'two lists, one variable',
    edit(readTasks, 'eachOnce(running, stopping, [', 'eachOnce([], stopping, ['),
  ),
  mutant(
    'dropped-page',
    'aws-cdk, ecs-cid-sample#20: no pagination, so the 101st task is never waited for',
    edit(readTasks, 'if (page.nextToken !== null) {', 'if (page.nextToken !== null && page.items.length < 0) {'),
  ),
  mutant(
    'dropped-description',
    'DescribeTasks takes a hundred: the rest of the list was left undescribed',
    edit(readTasks, 'if (queue.length > 0) return goOnWith', 'if (queue.length < 0) return goOnWith'),
  ),
  mutant(
    'first-cluster-only',
    'aws-cdk#6867: the container instance was looked for in one place only',
    edit(findContainerInstance, 'if (at + 1 < effect.clusters.length)', 'if (at + 1 < 0)'),
  ),
  mutant(
    'failures-array-unread',
    'UpdateContainerInstancesState answers HTTP 200 and says in failures[] that it did nothing; most tools do not look',
    edit(
      outcome,
      'const failure = refused.find(({ arn }) => arn === effect.containerInstance) ?? refused[0]',
      'const failure = failures.find(() => false)',
    ),
    edit(outcome, "if (shown?.status === 'DRAINING' && ", "if (shown?.status !== 'ACTIVE' && "),
    edit(outcome, 'agentConnected: shown.agentConnected', 'agentConnected: true'),
  ),
  mutant(
    'draining-taken-for-granted',
    'every tool that was looked at sets DRAINING once: nobody finds out that somebody has set the instance ACTIVE since',
    edit(
      readTasks,
      'if (!isInDoubt(reading) || containerInstance === null)',
      "if (reading.effect.scope === 'all') return cameTo(tasksSeen({ ...reading, agentConnected: true }))\n" +
        '  if (!isInDoubt(reading) || containerInstance === null)',
    ),
  ),
  mutant(
    'first-record-for-good',
    'every tool that was looked at finds the container instance once: an agent that lost its state has registered another since',
    edit(readTasks, 'if (agentConnected || instance === null)', 'if (agentConnected !== null || instance === null)'),
  ),
  mutant(
    'left-behind-is-forgotten',
    'every tool that was looked at drains one record of a host: the containers that its agent has forgotten die with it',
    edit(findContainerInstance, 'const leftBehind = others.filter(', 'const leftBehind = [].filter('),
  ),
  mutant(
    'sweep-takes-draining-for-granted',
    'a task waits on an instance that is ACTIVE again, where ECS stops it no more, and the drain waits for the timeout of its hook',
    edit(readTasks, 'effect.agentIsGone === true || tasks.some', 'effect.agentIsGone === true || [].some'),
  ),
  mutant(
    'lists-confirm-alone',
    'an event that comes during the confirming reading empties the set, and nobody has looked at the container instance',
    edit(decide, "observation.scope === 'all' && observation.agentConnected !== null", "observation.scope === 'all'"),
  ),
  // When it is believed
  mutant(
    'completes-on-empty-set',
    'getsocial, nabeken: DRAINING already at entry, the task list was never filled, so it is empty',
    edit(
      decide,
      'if (at >= stopGraceEnds(drain, policy))',
      `if (drain.phase === 'draining' && drain.remaining === 0) return [${completes}]
  if (at >= stopGraceEnds(drain, policy))`,
    ),
  ),
  mutant(
    'completes-on-last-event',
    'the AWS article: a STOPPED event of the last task that is known, with no look whether others are there',
    edit(
      decide,
      "return isNews(drain.tasks, observation.task) ? [{ type: 'TaskSeen', at, task: observation.task }] : nothing",
      `{
      if (!isNews(drain.tasks, observation.task)) return nothing
      const seen = { type: 'TaskSeen', at, task: observation.task } as const
      return drain.phase === 'draining' && evolve(drain, seen).tasks.every(hasStoppedHere) ? [seen, ${completes}] : [seen]
    }`,
    ),
    edit(
      decide,
      'type Decided = ReadonlyArray<DrainEvent>',
      `type Decided = ReadonlyArray<DrainEvent>
const hasStoppedHere = (task: { readonly lastStatus: string }): boolean => task.lastStatus === 'STOPPED'`,
    ),
  ),
  mutant(
    'no-settle-time',
    'every tool seen: tasks are read at the moment DRAINING is set, while a placement is still under way',
    edit(schedule, 'drain.drainingSince + policy.settle', 'drain.drainingSince'),
    edit(
      schedule,
      ' + policy.settle\n\n/**\n * An instance that no cluster knows',
      ' + 0 * policy.settle\n\n/**\n * An instance that no cluster knows',
    ),
  ),
  mutant(
    'one-reading-is-enough',
    'two lists are two reads: a task that is told to stop in between is in neither',
    edit(decide, '(confirmFrom(drain, policy) ?? Infinity)', '(confirmFrom(drain, policy) ?? 0)'),
  ),
  mutant(
    'known-tasks-are-all-tasks',
    'a look at the tasks that are known, taken for a look at all of them',
    edit(decide, "observation.scope === 'all' && observation.agentConnected !== null", 'true'),
  ),
  mutant(
    'evidence-before-draining',
    'aws-cdk, getsocial: the list of tasks is taken first and DRAINING is set afterwards',
    edit(
      decide,
      "case 'ContainerInstanceLocated':\n      return [found(observation, at)]",
      `case 'ContainerInstanceLocated':
      return drain.tasks.length === 0 && drain.doubted === false && drain.action.token !== null
        ? [found(observation, at), ${completes}]
        : [found(observation, at)]`,
    ),
  ),
  mutant(
    'not-found-at-once',
    'aws-cdk#6867: an instance that is not in the list yet has no tasks, so it may go',
    edit(decide, 'if (again === null) return [notFound]', `if (again === null) return [notFound, ${completes}]`),
  ),
  // What a failure leads to
  mutant(
    'abandon-on-failure',
    'keikoproj/lifecycle-manager#189: an API that could not be reached, ABANDON at once, every host of the group destroyed',
    edit(
      decide,
      '      return [effectFailed(observation, drain, at, policy)]',
      `      return drain.phase === 'completing'
        ? [effectFailed(observation, drain, at, policy)]
        : [
            effectFailed(observation, drain, at, policy),
            { type: 'CompletionDecided', at, result: 'ABANDON', because: 'drained' },
          ]`,
    ),
  ),
  mutant(
    'continue-on-failure',
    'aws-cdk: after an error the retry finds an empty list and completes',
    edit(
      decide,
      '      return [effectFailed(observation, drain, at, policy)]',
      `      return drain.phase === 'completing'
        ? [effectFailed(observation, drain, at, policy)]
        : [effectFailed(observation, drain, at, policy), ${completes}]`,
    ),
  ),
  mutant(
    'completion-error-swallowed',
    'lifecycle-manager: the message was deleted before CompleteLifecycleAction, and its error only logged',
    edit(
      carryOut,
      'const isOver = isGone || isNotActive(failure)',
      "const isOver = isGone || isNotActive(failure) || effect.type === 'CompleteLifecycleAction'",
    ),
  ),
  mutant(
    'failure-is-final',
    'an effect that failed once is never tried again',
    edit(
      owed,
      '(failureOf(drain, effect.type, taskOf(effect))?.retryAt ?? now) <= now',
      'failureOf(drain, effect.type, taskOf(effect)) === undefined',
    ),
  ),
  mutant(
    'gives-up-after-three',
    'ecs-cluster-update-lambda: past its number of tries it returns, and the host waits for ever',
    edit(
      owed,
      "orHook(drain, now, { type: 'CompleteLifecycleAction'",
      "drain.failures.some(({ attempts }) => attempts >= 3) ? none : orHook(drain, now, { type: 'CompleteLifecycleAction'",
    ),
  ),
  mutant(
    'retries-at-once',
    'lifecycle-manager#35, ecs-cid-sample#20: its own retries throttle the account',
    edit(retry, 'return at + wait', 'return at + 0 * wait'),
    edit(retry, '(wait * spread', '(0 * wait * spread'),
  ),
  mutant(
    'timeout-means-done',
    'a call without an answer, believed to have worked',
    edit(
      carryOut,
      "const isGone = failure.type === 'NotFound'",
      `const isGone = failure.type === 'NotFound'
  if (failure.type === 'TimedOut' && effect.type === 'SetDraining') {
    return { type: 'ContainerInstanceDrains', agentConnected: true }
  }`,
    ),
  ),
  mutant(
    'timeout-means-completed',
    'CompleteLifecycleAction without an answer, believed to have worked',
    edit(
      carryOut,
      "const isGone = failure.type === 'NotFound'",
      `const isGone = failure.type === 'NotFound'
  if (failure.type === 'TimedOut' && effect.type === 'CompleteLifecycleAction') {
    return { type: 'CompletionAccepted', result: effect.result }
  }`,
    ),
  ),
  mutant(
    'not-active-is-retried',
    'terraform-aws-spacelift-workerpool#199: retries go on for hours after the hook is over',
    edit(outcome, 'failure.message.startsWith(notActivePrefix)', 'failure.message.length < 0'),
  ),
  mutant(
    'append-failure-acknowledged',
    'the message is deleted although nothing of it was stored',
    edit(
      invocation,
      "if (reply.type === 'failed') return done(invocation, reply.failure)",
      "if (reply.type === 'failed') return done(invocation, null)",
    ),
  ),
  // Whose hook, whose instance
  mutant(
    'any-hook-is-ours',
    'getsocial, nabeken: CONTINUE to every termination hook of the group, other people’s as well',
    edit(observe, "if (!isOurs(notice.action, policy)) return ignored('hook-not-ours')", ''),
  ),
  mutant(
    'first-hook-of-the-policy',
    'tools that ask for the hooks of the group and answer the first',
    edit(
      observe,
      '      action: notice.action,\n      toWarmPool',
      '      action: { ...notice.action, hook: policy.hooks[0]?.name ?? notice.action.hook },\n      toWarmPool',
    ),
  ),
  mutant(
    'other-account-accepted',
    'a message of another account on a shared bus',
    edit(observe, 'account !== null && account !== policy.account', 'account === null'),
  ),
  mutant(
    'token-of-another-action',
    'the token of the last termination, kept for the next one',
    edit(drain, '        action: event.action,\n', '        action: drain.action ?? event.action,\n'),
  ),
  mutant(
    'events-to-the-first-stream',
    'every instance’s events are told to the first that is draining',
    edit(routing, 'streams[asked] ?? null', 'streams[0] ?? null'),
  ),
  mutant(
    'sets-active-again',
    'bottlerocket-ecs-updater#43: flips ACTIVE and DRAINING that others rely on; tasks come to a host that is leaving',
    edit(drain, "drain.phase === 'ended' && drain.returned && ", "drain.phase === 'ended' && "),
  ),
  mutant(
    'stays-draining-after-the-pool',
    'containers-roadmap#1471: an instance that comes back from the warm pool stays DRAINING, and nothing is placed on it',
    edit(owed, 'if (!awaitsActivation(drain)) return none', 'return none'),
  ),
  mutant(
    'active-before-it-is-back',
    'an instance is set ACTIVE as soon as it goes to its warm pool, and not when it comes back',
    edit(drain, "drain.phase === 'ended' && drain.returned && ", "drain.phase === 'ended' && !drain.returned && "),
  ),
  // Heartbeats, deadlines, sweeps
  mutant(
    'no-heartbeat',
    'ecs-cid-sample#21, aws-node-termination-handler#493: no heartbeat, killed at the hook’s timeout',
    edit(owed, 'const isDue =\n    drain.doubted ||', 'const isDue =\n    drain.doubted &&'),
  ),
  mutant(
    'heartbeat-stops',
    'lifecycle-manager#283: the heartbeat stopped silently after a while',
    edit(schedule, '(drain.hook?.globalTimeout ?? Infinity)', '(drain.hook?.heartbeatTimeout ?? Infinity)'),
  ),
  mutant(
    'heartbeat-too-late',
    'a heartbeat every timeout, not every half',
    edit(
      schedule,
      '(drain.hook?.heartbeatTimeout ?? heartbeatTimeoutLeast) / 2',
      '(drain.hook?.heartbeatTimeout ?? heartbeatTimeoutLeast) * 2',
    ),
  ),
  mutant(
    'deadline-ignored',
    'containers-roadmap#2467: one service that cannot place its replacement holds the host for two days',
    edit(decide, 'at < deadlineAt(drain, policy) ||', 'at < Infinity ||'),
  ),
  mutant(
    'no-sweep',
    'lifecycled, the AWS article: a lost event is never missed',
    edit(routing, 'routing.sweeps.length === 0 ? arrive(routing) :', 'routing.sweeps.length >= 0 ? arrive(routing) :'),
  ),
  mutant(
    'sweep-looks-at-known-drains-only',
    'a termination whose notice was lost waits until the hook’s timeout',
    edit(sweep, 'if (!isWaiting(lifecycleState) || isKnown', 'if (lifecycleState !== null || isKnown'),
  ),
  mutant(
    'sweep-does-not-ask',
    'an instance in Terminating:Wait is taken for ours, whoever holds it',
    edit(
      sweep,
      "if (reply.type === 'failed') return notTold(sweep, stage, reply, clusters)",
      "if (reply.type === 'failed' && !isNotActive(reply.failure)) return notTold(sweep, stage, reply, clusters)",
    ),
  ),
  mutant(
    'no-wake-up',
    'nobody comes back after the settle time; only the next sweep does',
    edit(owed, 'if (due > now + policy.sweepEvery || hops >= policy.hopsMax) return none', 'if (due > 0) return none'),
  ),
  mutant(
    'endless-chain-of-messages',
    'ecs-cid-sample#30: Lambda’s guard against recursive loops stops it after sixteen',
    edit(owed, '|| hops >= policy.hopsMax) return none', '|| hops >= Infinity) return none'),
  ),
  mutant(
    'drains-are-not-watched',
    'no list of what is going on, so nothing is looked after when an event is lost',
    edit(
      invocation,
      'index: { watched: isWatched(after), containerInstances }',
      'index: { watched: isWatched(after) && version < 0, containerInstances }',
    ),
  ),
  // The stream
  mutant(
    'conflict-swallowed',
    'a conditional write that failed, taken for one that worked: two functions overwrite each other',
    edit(
      invocation,
      "if (answer.type === 'conflict') {",
      "if (answer.type === 'conflict' && answer.newer.length < 0) {",
    ),
  ),
  mutant(
    'conflict-drops-the-news',
    'after a conflict the others’ state is taken over and the own news forgotten',
    edit(invocation, '? timePassed : observations, at, policy)', '? timePassed : [], at, policy)'),
  ),
  mutant(
    'effect-before-append',
    'lifecycle-manager, getsocial: first the effect, then the note of it; a crash in between leaves no trace',
    edit(
      invocation,
      'const containerInstances = after.containerInstance',
      `if (events.some(({ type }) => type === 'CompletionDecided')) {
    return pursue({ ...invocation, known: { version, drain: after } }, at, policy)
  }
  const containerInstances = after.containerInstance`,
    ),
  ),
]
