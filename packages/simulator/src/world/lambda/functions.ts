/**
 * The queue, its event source and the functions: batches of ten, or of fewer after a window, so many executions at once,
 * crashes, timeouts, and partial batch responses. What fails comes back later: as often as it takes, or until it goes to
 * the dead-letter queue.
 */
import type { Execution, Message } from '../../controller/controller.ts'
import { INVOCATION_ENDED, INVOCATION_STARTED, MESSAGE_DEAD_LETTERED } from '../../trace/kind-numbers.ts'
import { invocationEndings, messageKinds } from '../../trace/trace.ts'
import { drawn, strikes } from '../chance.ts'
import { FUNCTION_STARTS, FUNCTION_TIMES_OUT, MESSAGE_ARRIVES, QUEUE_IS_PUMPED } from '../occurrences.ts'
import type { Run, World } from '../state.ts'
import { call } from './calls.ts'
import { decided } from './decisions.ts'

/** An SQS event source without a longer window takes up to ten (AWS: Lambda developer guide). */
const batchMost = 10

const neverPumped = -1

export const messageArrives = (world: World, number: number): void => {
  const message = world.messages[number]
  world.messages[number] = null
  if (message == null) return
  if (world.outlet !== null) return world.outlet.arrived(message)
  world.inbox.push(message)
  // A full batch does not wait (AWS: Lambda developer guide, batching). Nor does one of 6 MB, which ten of these never are.
  const isFull = world.inbox.length >= batchMost
  pumpSoon(world, isFull ? world.now : world.now + world.settings['queue.window'].from)
}

/** At that moment, or sooner if that is planned. */
const pumpSoon = (world: World, at: number): void => {
  if (world.pumpAt !== neverPumped && world.pumpAt <= at) return
  world.pumpAt = at
  world.queue.schedule(at, QUEUE_IS_PUMPED, 0)
}

export const pumpQueue = (world: World): void => {
  // It was put forward since.
  if (world.pumpAt !== world.now) return
  world.pumpAt = neverPumped
  while (world.inbox.length > 0 && world.runsUnderWay < world.settings['function.concurrency'].from) {
    const batch = world.inbox.splice(0, batchMost)
    startSoon(world, batch, false)
    // At least once: the queue may hand a batch to a second function while the first still works on it.
    if (strikes(world, 'queue.twice', subjectOf(batch), batch[0]?.instance ?? -1)) startSoon(world, batch, true)
  }
  world.isHeldUp = world.inbox.length > 0
}

export const createRun = (world: World, batch: ReadonlyArray<Message>, isSecond: boolean): Run => {
  const run: Run = { number: world.runs.length, batch, isSecond, ended: false, skew: 0, policyChange: -1 }
  world.runs.push(run)
  return run
}

const startSoon = (world: World, batch: ReadonlyArray<Message>, isSecond: boolean): void => {
  const run = createRun(world, batch, isSecond)
  world.runsUnderWay += 1
  const takes = drawn(world, world.settings['function.start'], subjectOf(batch))
  world.queue.schedule(world.now + takes, FUNCTION_STARTS, run.number)
}

export const functionStarts = (world: World, run: Run): void => {
  world.trace.write(world.now, INVOCATION_STARTED, run.number, run.batch.length)
  world.queue.schedule(world.now + world.settings['function.timeout'].from, FUNCTION_TIMES_OUT, run.number)
  run.skew = skewOf(world, run)
  run.policyChange = world.policyChange
  world.controller.handle(run.batch, executionOf(world, run))
}

/** Clocks of two functions need not agree. Which way this one is wrong, chance decides as well. */
const skewOf = (world: World, { batch }: Run): number => {
  const subject = subjectOf(batch)
  if (!strikes(world, 'clock.skew', subject, batch[0]?.instance ?? -1)) return 0
  const bounds = world.settings['function.clockSkew']
  const isFast = world.draws.next(bounds.purpose, subject) % 2 === 0
  const skew = drawn(world, bounds, subject)
  return isFast ? skew : -skew
}

const executionOf = (world: World, run: Run): Execution => ({
  id: run.number,
  policyChange: run.policyChange,
  directory: world.directory,
  now: () => world.now + run.skew,
  call: (request, reply, failed) => call(world, run, request, reply as (answer: unknown) => void, failed, crash),
  decided: (name, instance, text) => decided(world, name, instance, text),
  end: (failed) => {
    if (run.ended) return
    if (failed.length === 0) return finish(world, run, 'done', nothingComesBack)
    const comesBack = new Set(failed)
    finish(world, run, 'failed', (position) => comesBack.has(position))
  },
})

const nothingComesBack = (): boolean => false
const everythingComesBack = (): boolean => true

/** All of its work is lost where it stood, and the whole batch comes back. */
const crash = (world: World, run: Run): void => finish(world, run, 'crashed', everythingComesBack)

/** Lambda ends it wherever it is; requests that are out take their effect. */
export const functionTimesOut = (world: World, run: Run): void => finish(world, run, 'timed out', everythingComesBack)

type Ending = (typeof invocationEndings)[number]

const finish = (world: World, run: Run, ending: Ending, comesBack: (position: number) => boolean): void => {
  if (run.ended) return
  run.ended = true
  world.runsUnderWay -= 1
  world.trace.write(world.now, INVOCATION_ENDED, run.number, invocationEndings.indexOf(ending))
  // They are the same messages: what becomes of them is the first one's doing.
  if (!run.isSecond) settle(world, run, comesBack)
  if (world.isHeldUp) pumpSoon(world, world.now)
}

const settle = (world: World, { batch }: Run, comesBack: (position: number) => boolean): void =>
  batch.forEach((message, position) => {
    if (comesBack(position) && redeliver(world, message)) return
    messageDone(world, message)
  })

/** It is off the queue for good. Sweeps always come again, so nobody waits for them. */
export const messageDone = (world: World, { kind }: Message): void => {
  if (kind !== 'sweep') world.messagesUnderWay -= 1
}

/** False: it came back too often, and lies in the dead-letter queue from now on. */
const redeliver = (world: World, message: Message): boolean => {
  const received = message.received + 1
  const most = world.settings['queue.maxReceives'].from
  if (most > 0 && received >= most) {
    world.trace.write(world.now, MESSAGE_DEAD_LETTERED, message.number, messageKinds.indexOf(message.kind))
    return false
  }
  world.messages.push({ ...message, received })
  const takes = drawn(world, world.settings['function.redelivery'], subjectOf([message]))
  world.queue.schedule(world.now + takes, MESSAGE_ARRIVES, world.messages.length - 1)
  return true
}

const subjectOf = (batch: ReadonlyArray<Message>): number => (batch[0]?.instance ?? -1) + 1
