// A law that every walk keeps shows nothing: each of these walks has one thing wrong, and the law that says so refuses it.
import { describe, expect, test } from 'vitest'
import type { DrainEvent } from '../../src/drain/drain-event.ts'
import { decide, evolve, idle, type Observation } from '../../src/index.ts'
import {
  at,
  drainLaws,
  event,
  observation,
  policy,
  sightingLaws,
  task,
  throttled,
  type Walk,
  type WalkStep,
} from '../../src/testing/index.ts'

const settle = 5
const under = policy({ settle: settle * 1_000, deadline: { after: 3_600_000, choice: 'continue' } })

/** As core decides it. */
const walk = (...told: ReadonlyArray<readonly [second: number, Observation]>): Walk => {
  let drain: WalkStep['before'] = idle
  const steps = told.map(([second, one]): WalkStep => {
    const events = decide(one, drain, at(second), under)
    const before = drain
    drain = events.reduce(evolve, drain)
    return { at: at(second), observation: one, before, events, after: drain }
  })
  return { policy: under, steps }
}

const announced: Observation = observation('TerminationAnnounced')
const draining = [
  [0, announced],
  [1, observation('HeartbeatAccepted')],
  [1, observation('ContainerInstanceLocated')],
  [2, observation('ContainerInstanceDrains')],
] as const
const right = walk(
  ...draining,
  [9, observation('TasksSeen', { scope: 'running', since: at(8) })],
  [16, observation('TasksSeen', { since: at(15) })],
  [17, observation('CompletionAccepted')],
)

/** One more step of a walk that is right until then. */
const then = (steps: Walk, step: Partial<WalkStep>): Walk => {
  const before = steps.steps.at(-1)?.after ?? idle
  const events = step.events ?? []
  const after = events.reduce(evolve, before)
  const last = { at: at(20), observation: observation('TimePassed'), before, events, after, ...step }
  return { ...steps, steps: [...steps.steps, last] }
}

const decided = (fields: Parameters<typeof event<'CompletionDecided'>>[2] = {}): DrainEvent =>
  event('CompletionDecided', 20, fields)
const completed = event('LifecycleActionCompleted', 20)
const seen = (fields: Parameters<typeof observation<'TasksSeen'>>[1]) => ({
  observation: observation('TasksSeen', { since: at(19), ...fields }),
  events: [decided()],
})

const wrongWalks: ReadonlyArray<readonly [what: string, law: RegExp, Walk]> = [
  [
    'forgets what it was told',
    /deciding again/,
    then(walk(), { observation: announced, events: [event('DrainRequested', 0)], after: idle }),
  ],
  ['has become what no event says', /rebuilt from its events/, then(walk(...draining), { after: idle })],
  ['stores what no store can read', /come back from a store/, then(right, { events: [event('WakeUpSent', NaN)] })],
  [
    'stores what no store keeps',
    /come back from a store/,
    then(right, { events: [{ ...event('Swept', 20), by: 'hand' } as DrainEvent] }),
  ],
  [
    'counts a task that is not there',
    /what remains is the number/,
    then(right, { after: { ...idle, remaining: 1 } as WalkStep['after'] }),
  ],
  [
    'is drained because a task was seen',
    /drained is decided only by/,
    then(walk(...draining), { events: [decided()] }),
  ],
  [
    'is drained by a list of what runs',
    /drained is decided only by/,
    then(walk(...draining), seen({ scope: 'running' })),
  ],
  [
    'is drained though a task is left',
    /drained is decided only by/,
    then(walk(...draining, [5, observation('TaskSeen', { task: task(1) })]), seen({})),
  ],
  ['is drained before the settle time', /drained is decided only by/, then(walk(...draining), seen({ since: at(6) }))],
  [
    'is drained by a reading without its container instance',
    /drained is decided only by/,
    then(walk(...draining), seen({ agentConnected: null })),
  ],
  [
    'takes a failure for an end',
    /a failure decides nothing/,
    then(walk(...draining), {
      observation: observation('EffectFailed', { failure: throttled }),
      events: [decided({ because: 'container-instance-gone' })],
    }),
  ],
  [
    'abandons what is to be continued',
    /ABANDON is decided only/,
    then(walk(...draining), { events: [decided({ because: 'deadline', result: 'ABANDON' })] }),
  ],
  ['decides twice', /completed at most once/, then(right, { events: [decided()] })],
  ['completes twice', /completed at most once/, then(right, { events: [completed] })],
  ['completes without a decision', /completed at most once/, then(walk(...draining), { events: [completed] })],
]

describe('the laws of a drain', () => {
  test('have nothing against a walk as core decides it', () => {
    expect(right.steps.at(-1)?.after.phase).toBe('ended')
    for (const { check } of drainLaws) check(right)
  })

  test.each(wrongWalks)('refuse a walk that %s', (_, title, wrong) => {
    const law = drainLaws.find((each) => title.test(each.title))
    expect(() => law?.check(wrong)).toThrow()
  })

  test('let the next drain of the instance be decided and completed too', () => {
    const again = { events: [event('DrainRequested', 30), decided(), completed] }
    for (const { title, check } of drainLaws) if (/at most once/.test(title)) check(then(right, again))
  })
})

test('sightings that say two things of one version do not commute, and that is told', () => {
  const one = [task(1, { lastStatus: 'RUNNING', version: 4 })]
  const other = [task(1, { lastStatus: 'STOPPED', version: 4 })]
  const [commute] = sightingLaws.filter(({ title }) => /commute/.test(title))
  expect(() => commute?.check([one, other])).toThrow(/^in the other order: .*RUNNING.* is not .*STOPPED/)
})
