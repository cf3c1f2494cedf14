/** What can happen to one instance's share of a state, and what the rest of the state must allow or pay for it. */

/** A misfortune that a step uses up; 0: it is none, so fairness may count on the step. */
export const free = 0
export const lost = 1
export const duplicated = 2
export const crashes = 3
export const failures = 4
export const unanswered = 5
export const hookTimeouts = 6
export type Cost = 0 | 1 | 2 | 3 | 4 | 5 | 6

/** What the rest of the cluster must allow. */
export const always = 0
/** The service has a healthy task to spare. */
export const mayStopHealthy = 1
/** The service lacks a task and has room for one. */
export const mayPlace = 2
/** The service has more tasks than it wants, and a healthy one to spare. */
export const mayStopSurplus = 3
export type Guard = 0 | 1 | 2 | 3

export const kept = 0
export const earlyCompletion = 1
export const foreignTouched = 2
export const completedTwice = 3
export const unfaithfulStream = 4
/** Of the service as a whole; found when a state is looked at, not when a step is. */
export const floorBroken = 5
export type Violation = 0 | 1 | 2 | 3 | 4 | 5

/** One thing that happens. Numbers only: a million of them are made. */
export interface Occurrence {
  readonly type:
    | 'termination-begins'
    | 'task-advances'
    | 'task-ends'
    | 'scheduler-stops'
    | 'scheduler-stops-surplus'
    | 'task-chosen-for-instance'
    | 'hook-times-out'
    | 'other-hook-answered'
    | 'set-active-by-others'
    | 'host-stops'
    | 'ecs-notices-task'
    | 'ecs-deregisters'
    | 'delivered'
    | 'sweep-begins'
    | 'sweep-goes-on'
    | 'sweep-fails'
    | 'loaded'
    | 'replied'
    | 'failed'
    | 'unanswered'
    | 'crashes-before'
    | 'crashes-after'
    | 'clock-ticks'
  /** A task, a handler, or a message, as the type says; for `delivered` two messages of four bits. */
  readonly subject: number
  /** Copies of the message it sends that arrive: 0, 1 or 2. */
  readonly copies: number
  /** The code of a reply; `stopsTask` of a task that becomes STOPPED; `lookUpPut` of an append that goes no further. */
  readonly code: number
}

/** Apart from every other step of a task: it is told of. */
export const stopsTask = 1

/** It is known whose container instance it is, and nothing else of the commit is stored. */
export const lookUpPut = 1

/** What was reached, by bit, so that a model in which nothing happens is not taken for a proof. */
export const sometimes = [
  'a drain waited for a STOPPED event',
  'two functions wrote to one stream, and the second met a conflict',
  'a message came in two copies',
  'a message was lost',
  'the sweep found a termination whose notice never came',
  'the sweep found a STOPPED task whose event never came',
  'a function crashed after an append and before its effect',
  'a function crashed after a call had taken effect',
  'a call took effect and its answer was lost',
  'a call failed and was made again',
  'a task appeared on the instance after DRAINING',
  'a list or description was out of date',
  'the deadline decided',
  "another hook's notice was ignored",
  'an action was over before it was answered',
  'the hook timed out',
  'a heartbeat was recorded that time had made due',
  'a lifecycle action was completed because the last task had stopped',
  'two functions were at work on one stream',
  'a task was told to stop by us',
  'somebody set the instance ACTIVE, and it was set DRAINING again',
  'a sweep was not told who waits, and said that time had passed',
  'an instance that was in no list was found all the same',
] as const

/** One of those. */
export type Sometimes = (typeof sometimes)[number]

export const bitOf = (name: Sometimes): number => 1 << sometimes.indexOf(name)
