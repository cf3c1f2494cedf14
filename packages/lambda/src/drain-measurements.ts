/** What a handled batch says about drains, in numbers. */
import {
  awaitsActivation,
  type Delivery,
  type Drain,
  type DrainEvent,
  type EcsTaskArn,
  evolve,
  type Handled,
  type Instant,
  idle,
  type Receipt,
  type StoredEvents,
  type StreamId,
  seconds,
} from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import type { Measurement } from './metric-names.ts'

type Streams = ReadonlyMap<StreamId, StoredEvents>

/** Whether its stream is read for what is measured of it, which is once for most drains. */
export const isReadToMeasure = (receipt: Receipt): boolean =>
  drainedAt(receipt) !== null || awaitsActivation(receipt.snapshot.drain)

/** Measured from the receipts of a batch, the messages it was made of, and the streams that were read for it. */
export const measurementsOfDrains = (
  { receipts, undecodable, failed }: Handled,
  deliveries: ReadonlyArray<Delivery>,
  streams: Streams,
  now: Instant,
): ReadonlyArray<Measurement> => {
  const written = receipts.flatMap((receipt) => receipt.written)
  const ofType = (type: DrainEvent['type']): number => written.filter((event) => event.type === type).length
  const ended = receipts.filter((receipt) => completedAt(receipt) !== null || isOver(receipt))
  const counts: ReadonlyArray<Measurement> = [
    { metric: 'drainsStarted', value: ofType('DrainRequested') },
    {
      metric: 'drainsCompleted',
      value: ended.filter((receipt) => completedAt(receipt) !== null || isAnswered(receipt)).length,
    },
    { metric: 'drainsForced', value: ended.filter(isForced).length },
    // Where an answer was decided, its own first one was lost, or another function's came first.
    { metric: 'drainsExpired', value: ended.filter((receipt) => !isAnswered(receipt)).length },
    { metric: 'undecodableMessages', value: undecodable.length },
    { metric: 'failedMessages', value: failed.length },
  ]
  const durations = receipts.flatMap((receipt): ReadonlyArray<Measurement> => {
    const at = completedAt(receipt)
    return at === null ? [] : [{ metric: 'drainSeconds', value: inSeconds(at - receipt.snapshot.drain.announcedAt) }]
  })
  const stops = stopsIn(deliveries)
  return [
    ...counts.filter(({ value }) => value > 0),
    ...durations,
    ...receipts.flatMap((receipt) => secondsFromLastStopped(receipt, stops, streams)),
    ...(isSwept(deliveries, failed) ? measurementsOfSweep(receipts, streams, now) : []),
  ]
}

const secondsFromLastStopped = (receipt: Receipt, stops: Stops, streams: Streams): ReadonlyArray<Measurement> => {
  const at = drainedAt(receipt)
  if (at === null) return []
  const stoppedAt = lastStoppedOf(streams.get(receipt.stream) ?? [], stops)
  return stoppedAt === null ? [] : [{ metric: 'secondsFromLastStopped', value: inSeconds(at - stoppedAt) }]
}

/** When this handling completed the lifecycle action; null: it did not. */
const completedAt = ({ written }: Receipt): Instant | null =>
  written.findLast(({ type }) => type === 'LifecycleActionCompleted')?.at ?? null

/** The same where the last stopped task decided it, and not the deadline. */
const drainedAt = (receipt: Receipt): Instant | null => (isForced(receipt) ? null : completedAt(receipt))

/** Whether this handling learned that the lifecycle action was over. Of a drain that had ended already that is no news. */
const isOver = ({ written, snapshot }: Receipt): boolean =>
  snapshot.drain.ending === 'over' &&
  written.some(({ type }) => type === 'LifecycleActionOver') &&
  !written.some(foundWaitingAfterEnd)

/** A sweep doubts an open drain because its instance is not seen waiting, and an ended one because it is. */
const foundWaitingAfterEnd = (event: DrainEvent): boolean =>
  event.type === 'WaitDoubted' && event.lifecycleState?.endsWith('Terminating:Wait') === true

/** Whether it was decided how to complete the lifecycle action, which then was sent, and may be what ended it. */
const isAnswered = ({ snapshot }: Receipt): boolean => snapshot.drain.decision !== null

/** Whether the deadline, and not the last stopped task, decided the drain. */
const isForced = ({ snapshot }: Receipt): boolean => snapshot.drain.decision?.because === 'deadline'

/** By clocks of different machines a thing may end before it began. */
const inSeconds = (duration: number): number => Math.max(0, duration) / seconds(1)

/**
 * A sweep asks about every open drain, so their receipts are all there are; one that failed says nothing about any. Where
 * a batch has several they are one, and the first stands for them.
 */
const isSwept = (deliveries: ReadonlyArray<Delivery>, failed: Handled['failed']): boolean => {
  const sweeps = deliveries.filter(({ notice }) => E.isRight(notice) && notice.right.type === 'SweepDue')
  return sweeps.length > 0 && !sweeps.some(({ id }) => failed.some((each) => each.id === id))
}

const measurementsOfSweep = (
  receipts: ReadonlyArray<Receipt>,
  streams: Streams,
  now: Instant,
): ReadonlyArray<Measurement> => {
  const ages = receipts.flatMap((receipt) => {
    const since = openSince(receipt, streams, now)
    return since === null ? [] : [now - since]
  })
  return [
    { metric: 'openDrains', value: ages.length },
    { metric: 'oldestOpenDrainSeconds', value: inSeconds(ages.reduce((oldest, age) => Math.max(oldest, age), 0)) },
  ]
}

/** Null: it is not open. One that is back from its warm pool is until it is ACTIVE; how long, its stream says. */
const openSince = ({ stream, snapshot: { drain } }: Receipt, streams: Streams, now: Instant): Instant | null => {
  if (awaitsActivation(drain))
    return streams.get(stream)?.findLast(({ type }) => type === 'InstanceReturnedToService')?.at ?? now
  return drain.phase === 'idle' || drain.phase === 'ended' ? null : drain.announcedAt
}

type Stops = ReadonlyMap<EcsTaskArn, Instant>

/** When tasks stopped, by the events of a batch. */
const stopsIn = (deliveries: ReadonlyArray<Delivery>): Stops =>
  new Map(
    deliveries.flatMap(({ notice }) => {
      if (E.isLeft(notice) || notice.right.type !== 'TaskStateChanged') return []
      const { task, at } = notice.right
      return task.lastStatus === 'STOPPED' ? [[task.arn, at] as const] : []
    }),
  )

/**
 * When the last task of a stream's latest drain stopped; null: no task was ever known. Of a task of which no event is at hand it is
 * taken for when the stream learned of it. Events come in any order, so it need not be the one that was learned of last.
 */
export const lastStoppedOf = (events: StoredEvents, stops: Stops): Instant | null => {
  let drain: Drain = idle
  let stoppedAt: Instant | null = null
  for (const event of events) {
    const { remaining } = drain
    drain = evolve(drain, event)
    if (event.type === 'DrainRequested') stoppedAt = null
    else if (drain.remaining < remaining) {
      const at = event.type === 'TaskSeen' ? stops.get(event.task.arn) : undefined
      stoppedAt = Math.max(stoppedAt ?? 0, at ?? event.at)
    }
  }
  return stoppedAt
}
