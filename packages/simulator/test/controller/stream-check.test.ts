// S5 is judged from what was overheard of the event store, in whatever order it came.
import { type Answer, type Commit, type DrainEvent, fold } from '@ecs-drain/core'
import { event, theStream, walks } from '@ecs-drain/core/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createStreamCheck, type StreamCheck } from '../../src/controller/stream-check.ts'

const load = (check: StreamCheck, newer: Answer<'LoadStream'>): void =>
  check.hear({ type: 'LoadStream', stream: theStream, after: 0 }, newer)

const append = (
  check: StreamCheck,
  expectedVersion: number,
  events: Commit['events'],
  answer: Answer<'AppendToStream'>,
) =>
  check.hear(
    {
      type: 'AppendToStream',
      stream: theStream,
      expectedVersion,
      events,
      index: { watched: true, containerInstances: [] },
    },
    answer,
  )

const commitsOf = (events: ReadonlyArray<DrainEvent>): ReadonlyArray<Commit> =>
  events.map((each, index) => ({ version: index + 1, events: [each] }))

const requested = event('DrainRequested', 0)
const found = event('ContainerInstanceFound', 1)
const draining = event('ContainerInstanceDraining', 2)

const ways: Readonly<Record<string, (check: StreamCheck, commits: ReadonlyArray<Commit>) => void>> = {
  loaded: load,
  'loaded from the last to the first': (check, commits) => {
    for (const commit of commits.toReversed()) load(check, [commit])
  },
  appended: (check, commits) => {
    for (const { version, events } of commits) append(check, version - 1, events, { type: 'appended' })
  },
  'learned through a conflict': (check, commits) => append(check, 0, [], { type: 'conflict', newer: commits }),
}

describe.each(Object.entries(ways))('commits that were %s', (_, hear) => {
  test('a snapshot is what its commits make, were they the last ones or not', () =>
    fc.assert(
      fc.property(walks(), fc.nat(), ({ steps }, cut) => {
        const commits = commitsOf(steps.flatMap(({ events }) => events))
        const version = cut % (commits.length + 1)
        const check = createStreamCheck()
        hear(check, commits)
        check.observe(theStream, { version, drain: fold(commits.slice(0, version).flatMap(({ events }) => events)) })
        expect(check.result()).toMatchObject({ held: true, occasions: 1 })
      }),
    ))

  test.each([2, 3])('a snapshot of version %i that differs in one field is a witness', (version) => {
    const commits = commitsOf([requested, found, draining])
    const check = createStreamCheck()
    hear(check, commits)
    const drain = fold(commits.slice(0, version).flatMap(({ events }) => events))
    check.observe(theStream, { version, drain: { ...drain, doubted: !drain.doubted } })
    const { held, witness } = check.result()
    expect(held).toBe(false)
    expect(witness).toContain(`the first ${version} commits`)
  })
})

test('what text does not bring back is missing from the state that is rebuilt', () => {
  const strange = { ...found, arn: undefined } as unknown as DrainEvent
  const check = createStreamCheck()
  load(check, commitsOf([requested, strange]))
  check.observe(theStream, { version: 2, drain: fold([requested, { ...strange, arn: 'held' } as never]) })
  expect(check.result().held).toBe(false)
  const dated = { ...draining, at: new Date(5) } as unknown as DrainEvent
  const other = createStreamCheck()
  load(other, commitsOf([requested, dated]))
  other.observe(theStream, { version: 2, drain: fold([requested, dated]) })
  expect(other.result().held).toBe(false)
})

test('a stream of which no snapshot was held is no occasion', () => {
  const check = createStreamCheck()
  load(check, commitsOf([requested]))
  expect(check.result()).toMatchObject({ held: true, occasions: 0 })
})
