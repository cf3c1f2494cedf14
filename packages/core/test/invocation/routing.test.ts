// Which drains a batch of messages is for, and what each of them is told.
import { describe, expect, test } from 'vitest'
import type { StreamId } from '../../src/identity/ids.ts'
import type { Reply } from '../../src/invocation/call.ts'
import { beginRouting, resumeRouting } from '../../src/invocation/routing.ts'
import { at, containerInstanceNumber, id, instanceNumber, policy, stoppedTask } from '../../src/testing/index.ts'

const stream: StreamId = id(`ec2-instance/${instanceNumber(1)}`)

const wokenUp = (hops: number) => ({ type: 'WokenUp', stream, hops }) as const
const stopped = (n: number) =>
  ({
    type: 'TaskStateChanged',
    task: stoppedTask(n),
    containerInstance: containerInstanceNumber(1),
    at: at(0),
  }) as const
const found: Reply = { type: 'answered', at: at(0), answer: [stream] }

describe('messages of one batch for one instance', () => {
  test('are handled together, and come back together', () => {
    const step = beginRouting([stopped(1), wokenUp(1), stopped(2)], policy())
    if (step.type !== 'call') throw new Error('no look-up')
    expect(step.call).toEqual({ type: 'FindStreams', containerInstances: [containerInstanceNumber(1)] })
    const arrived = resumeRouting(step.routing, found, policy())
    if (arrived.type !== 'done') throw new Error('not there yet')
    const [routed, ...others] = arrived.itinerary.routed
    expect(others).toEqual([])
    expect(routed?.assignment.observations).toHaveLength(3)
    expect(new Set(routed?.from)).toEqual(new Set([0, 1, 2]))
  })

  test.each([
    ['an event among them begins a new chain', [wokenUp(9), stopped(1)], 0],
    ['of several wake-ups the shortest chain counts', [wokenUp(9), wokenUp(3), wokenUp(7)], 3],
  ])('%s of self-sent messages', (_what, notices, hops) => {
    const step = beginRouting(notices, policy())
    const arrived = step.type === 'call' ? resumeRouting(step.routing, found, policy()) : step
    expect(arrived).toMatchObject({ type: 'done', itinerary: { routed: [{ assignment: { stream, hops } }] } })
  })
})

test('events of two instances that come by turns reach each its own drain, by one look-up', () => {
  const streams: ReadonlyArray<StreamId> = [1, 2].map((n) => id(`ec2-instance/${instanceNumber(n)}`))
  const events = [1, 2, 1, 2].map((n) => ({ ...stopped(n), containerInstance: containerInstanceNumber(n) }))
  const step = beginRouting(events, policy())
  if (step.type !== 'call') throw new Error('no look-up')
  expect(step.call).toMatchObject({ containerInstances: [1, 2].map((n) => containerInstanceNumber(n)) })
  expect(resumeRouting(step.routing, { type: 'answered', at: at(0), answer: streams }, policy())).toMatchObject({
    itinerary: {
      routed: [
        { assignment: { stream: streams[0] }, from: [0, 2] },
        { assignment: { stream: streams[1] }, from: [1, 3] },
      ],
    },
  })
})

describe('where a routing stands is plain data', () => {
  test('the same reply gives the same step, however often', () => {
    const unknown = { ...stopped(3), containerInstance: containerInstanceNumber(2) }
    const step = beginRouting([stopped(1), unknown, wokenUp(1)], policy())
    if (step.type !== 'call') throw new Error('no look-up')
    const before = structuredClone(step.routing)
    const reply: Reply = { type: 'answered', at: at(0), answer: [stream, null] }
    const once = resumeRouting(step.routing, reply, policy())
    expect(resumeRouting(step.routing, reply, policy())).toEqual(once)
    expect(step.routing).toEqual(before)
    expect(once).toMatchObject({ itinerary: { ignored: [{ from: 1, why: 'no-drain' }] } })
  })
})
