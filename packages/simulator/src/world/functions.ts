/**
 * The controller's queue and its function: batches after a window, some executions at once, a crash between any two
 * calls, and a batch that comes back when it has failed (AWS: Lambda developer guide, with-sqs).
 */
import type { Answer, Call, CallType, Failure } from '@ecs-drain/core'
import type { Controller, Directory, Execution } from '../controller/controller.ts'
import { faultNumber } from '../kernel/faults.ts'
import { mix32 } from '../kernel/mix32.ts'
import { kindNumber } from '../trace/trace-writer.ts'
import type { MessageRecord } from './bus.ts'
import type { Core } from './core.ts'
import { FUNCTION_STARTS, MESSAGE_ARRIVES, QUEUE_WINDOW } from './occurrences.ts'

/** One run of the function. */
export interface ExecutionRecord {
  /** Its number in the trace; -1 until it has started. */
  number: number
  readonly batch: ReadonlyArray<MessageRecord>
  /** Names it for all draws. */
  readonly key: number
  calls: number
  over: boolean
}

/** One call of an execution, on its way. */
export interface CallRecord {
  readonly execution: ExecutionRecord
  readonly call: Call
  readonly key: number
  readonly reply: (answer: never) => void
  readonly failed: (failure: Failure) => void
}

export interface Functions {
  arrives(message: MessageRecord): void
  window(): void
  starts(slot: number): void
}

const INVOCATION_STARTED = kindNumber('invocation-started')
const INVOCATION_ENDED = kindNumber('invocation-ended')
const DECISION = kindNumber('decision')
const CRASH = faultNumber('function.crash')

const DONE = 0
const FAILED = 1
const CRASHED = 2

const batchMost = 10

export const createFunctions = (
  core: Core,
  controller: Controller,
  directory: Directory,
  /** The names of decisions, as they come up. */
  decisions: string[],
  send: (call: CallRecord) => void,
): Functions => {
  const { clock, settings, faults, tell, after, writer } = core
  const queueWindow = settings.time('queue.window')
  const startUp = settings.time('function.start')
  const redelivery = settings.time('function.redelivery')
  const concurrency = settings.count('function.concurrency')
  const queue: MessageRecord[] = []
  let head = 0
  let windowOpen = false
  const starting: Array<ExecutionRecord | null> = []
  let busy = 0
  let invocations = 0
  const decisionNumbers = new Map<string, number>()

  const waitingCount = (): number => queue.length - head

  const arrives: Functions['arrives'] = (message) => {
    queue.push(message)
    if (waitingCount() >= batchMost && busy < concurrency) dispatch()
    else openWindow()
  }

  const openWindow = (): void => {
    if (windowOpen || waitingCount() === 0 || busy >= concurrency) return
    windowOpen = true
    after(queueWindow.draw(0, 0), QUEUE_WINDOW, 0, 0)
  }

  const window = (): void => {
    windowOpen = false
    while (waitingCount() > 0 && busy < concurrency) dispatch()
  }

  const dispatch = (): void => {
    const batch = queue.slice(head, head + batchMost)
    head += batch.length
    if (head === queue.length) {
      queue.length = 0
      head = 0
    }
    let key = 0
    for (const message of batch) {
      message.deliveries += 1
      key = mix32(key, message.key, message.deliveries, 0)
    }
    busy += 1
    const slot = starting.length
    starting.push({ number: -1, batch, key, calls: 0, over: false })
    after(startUp.draw(key, 0), FUNCTION_STARTS, slot, 0)
  }

  const starts: Functions['starts'] = (slot) => {
    const execution = starting[slot] as ExecutionRecord
    starting[slot] = null
    execution.number = invocations
    invocations += 1
    tell(INVOCATION_STARTED, execution.number, execution.batch.length)
    controller.handle(execution.batch, handleOf(execution))
  }

  const over = (execution: ExecutionRecord, how: number): void => {
    execution.over = true
    busy -= 1
    tell(INVOCATION_ENDED, execution.number, how)
    openWindow()
  }

  const comesBack = (message: MessageRecord): void =>
    after(redelivery.draw(message.key, message.deliveries), MESSAGE_ARRIVES, message.number, 0)

  const crashes = (execution: ExecutionRecord): boolean => {
    if (!faults.strikes(CRASH, execution.key, execution.calls)) return false
    over(execution, CRASHED)
    for (const message of execution.batch) comesBack(message)
    return true
  }

  const decisionNumber = (name: string): number => {
    const known = decisionNumbers.get(name)
    if (known !== undefined) return known
    decisionNumbers.set(name, decisions.length)
    decisions.push(name)
    return decisions.length - 1
  }

  const handleOf = (execution: ExecutionRecord): Execution => ({
    id: execution.number,
    directory,
    now: () => clock.now,
    call: <Type extends CallType>(
      call: Extract<Call, { readonly type: Type }>,
      reply: (answer: Answer<Type>) => void,
      failed: (failure: Failure) => void,
    ) => {
      if (execution.over || crashes(execution)) return
      execution.calls += 1
      send({
        execution,
        call,
        key: mix32(execution.key, execution.calls, 0, 0),
        reply: reply as (answer: never) => void,
        failed,
      })
    },
    decided: (name, instance, text) => {
      if (execution.over) return
      writer.account(text)
      tell(DECISION, instance, decisionNumber(name))
    },
    end: (failed) => {
      if (execution.over || crashes(execution)) return
      over(execution, failed.length > 0 ? FAILED : DONE)
      for (const position of failed) {
        const message = execution.batch[position]
        if (message !== undefined) comesBack(message)
      }
    },
  })

  return { arrives, window, starts }
}
