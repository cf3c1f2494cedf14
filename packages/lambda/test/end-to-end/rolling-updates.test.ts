// The very bundle that is deployed, unmodified, through whole rolling updates: through the AWS SDK, over HTTP, against a
// simulated AWS, with its streams in a server that speaks DynamoDB's protocol.
import { fileURLToPath } from 'node:url'
import { type Ec2InstanceId, streamOf } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { explain } from '../../src/index.ts'
import type { Fate, Passing } from './support/relay.ts'
import { simulated } from './support/simulated-run.ts'
import { phasesOf, runWired, type WiredRun } from './support/wired-run.ts'

const timeout = 120_000

const twentyInstances = fileURLToPath(new URL('./scenarios/twenty-instances.yaml', import.meta.url))

const broken = ({ verdict }: WiredRun): ReadonlyArray<string> =>
  verdict.promises.filter(({ held }) => !held).map(({ name, witness }) => `${name}: ${witness}`)

/** What every run must come to, whatever went wrong on the way. */
const isSafe = (run: WiredRun, drains: number): void => {
  const { services, tasksKilled } = run.verdict.figures
  expect(broken(run).filter((each) => each.startsWith('S'))).toEqual([])
  expect(tasksKilled).toBe(0)
  for (const { leastRunning, floor } of services) expect(leastRunning).toBeGreaterThanOrEqual(floor)
  expect(phasesOf(run)).toEqual(Array(drains).fill('ended'))
}

const isInTime = (run: WiredRun): void => expect(broken(run)).toEqual([])

/** What is decided, without what only says that time went by or a message was sent. */
const inEssence = (events: ReadonlyArray<string>): ReadonlyArray<string> =>
  events.filter((type) => type !== 'WakeUpSent' && !type.startsWith('Swept'))

const typesOf = (run: WiredRun): Readonly<Record<string, ReadonlyArray<string>>> =>
  Object.fromEntries(
    [...run.streams].map(([instance, events]) => [instance, inEssence(events.map(({ type }) => type))]),
  )

/** So many requests of an operation are refused as too many, from the first on. */
const refusing =
  (count: number, operations: ReadonlyArray<string>, answer: Exclude<Fate, string>) =>
  ({ operation }: Passing): Fate => {
    if (!operations.includes(operation) || count === 0) return 'forward'
    count -= 1
    return answer
  }

describe('ami-update', () => {
  test.each([1, 2, 3])('four are running at all times and no task is killed, seed %i', { timeout }, async (seed) => {
    const run = await runWired({ scenario: 'ami-update', seed })
    isSafe(run, 2)
    isInTime(run)
    expect(run.verdict.figures.services[0]?.leastRunning).toBeGreaterThanOrEqual(4)
    expect(run.deadLetters).toBe(0)
  })

  test('afterwards the table says of each host why it was let go', { timeout }, async () => {
    const { streams } = await runWired({ scenario: 'ami-update', seed: 1 })
    expect(streams.size).toBe(2)
    for (const [instance, events] of streams) {
      const explanation = explain(streamOf(instance as Ec2InstanceId), [{ version: 1, events }], events.at(-1)?.at ?? 0)
      expect(explanation?.headline).toMatch(/^completed with CONTINUE after .*, because all its tasks have stopped$/)
      expect(explanation?.waitsFor).toEqual([])
    }
  })

  test.each([4, 5])(
    'decides what the simulation decides, and calls AWS as often, seed %i',
    { timeout },
    async (seed) => {
      const wired = await runWired({ scenario: 'ami-update', seed })
      const pure = simulated('ami-update', seed)
      const decided = Object.fromEntries([...pure.decisions].map(([instance, types]) => [instance, inEssence(types)]))
      expect(Object.keys(decided)).toHaveLength(2)
      expect(typesOf(wired)).toEqual(decided)
      const { DescribeAutoScalingGroups: _ours, ...calls } = wired.verdict.figures.apiCallsByOperation
      const { DescribeAutoScalingGroups: _its, ...expected } = pure.apiCallsByOperation
      // The sweep's calls apart: how many there are depends on when the world is found at rest.
      expect(calls).toEqual(expected)
    },
  )
})

describe('ami-update-behind-load-balancer', () => {
  test.each([1, 2])('hosts are kept until their tasks have deregistered, seed %i', { timeout }, async (seed) => {
    const run = await runWired({ scenario: 'ami-update-behind-load-balancer', seed })
    isSafe(run, 2)
    isInTime(run)
    expect(run.verdict.figures.secondsFromLastStoppedToCompletion).toBeGreaterThan(0)
    expect(run.seconds).toBeGreaterThan(400)
  })
})

describe('twenty instances at once', () => {
  test.each([1, 2])('within the token buckets, seed %i', { timeout }, async (seed) => {
    const run = await runWired({ scenario: twentyInstances, seed })
    isSafe(run, 20)
    isInTime(run)
    expect(run.counts.coldStarts).toBe(2)
    expect(run.counts.invocations).toBeGreaterThan(20)
    expect(run.verdict.figures.apiCallsByOperation['CompleteLifecycleAction']).toBe(20)
  })
})

describe('what goes wrong', () => {
  test.each([1, 2])('AWS throttles a third of all calls, seed %i', { timeout }, async (seed) => {
    const run = await runWired({
      scenario: 'ami-update',
      seed,
      settings: ['faults.perMille.api.throttle=333', 'faults.untilSeconds=600'],
    })
    isSafe(run, 2)
    isInTime(run)
    expect(run.output).toContain('Throttled')
  })

  test.each([1, 2])('DynamoDB refuses for a while, seed %i', { timeout }, async (seed) => {
    const refused = {
      status: 400,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: JSON.stringify({
        __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
        message: 'The level of configured provisioned throughput for the table was exceeded.',
      }),
    }
    const run = await runWired({
      scenario: 'ami-update',
      seed,
      storeFate: refusing(12, ['PutItem', 'Query'], refused),
    })
    isSafe(run, 2)
    expect(run.counts.failedRecords).toBeGreaterThan(0)
  })

  test.each([2, 3])('DynamoDB cannot be reached for a while, seed %i', { timeout }, async (seed) => {
    const run = await runWired({
      scenario: 'ami-update',
      seed,
      storeFate: ({ number }) => (number > 20 && number < 45 ? 'lose-request' : 'forward'),
    })
    isSafe(run, 2)
    expect(run.counts.failedRecords).toBeGreaterThan(0)
  })

  test.each([3, 4])("DynamoDB's answers are lost after it has written, seed %i", { timeout }, async (seed) => {
    const run = await runWired({
      scenario: 'ami-update',
      seed,
      storeFate: ({ operation, number }) => (operation === 'PutItem' && number % 3 === 0 ? 'lose-answer' : 'forward'),
    })
    isSafe(run, 2)
    isInTime(run)
  })

  test.each([1, 2, 3, 4])('the process is killed at some of its requests, seed %i', { timeout }, async (seed) => {
    const killedAt = new Set([3, 11, 24, 39, 57, 76].map((number) => number + 7 * seed))
    const run = await runWired({ scenario: 'ami-update', seed, killedAt })
    isSafe(run, 2)
    expect(run.kills).toBeGreaterThan(2)
    expect(run.counts.died).toBe(run.kills)
  })

  test.each([1, 2])('every record is delivered twice, seed %i', { timeout }, async (seed) => {
    const run = await runWired({ scenario: 'ami-update', seed, everyBatchTwice: true })
    isSafe(run, 2)
    isInTime(run)
    expect(run.verdict.figures.apiCallsByOperation['CompleteLifecycleAction']).toBe(2)
  })

  test.each([1, 2])('the termination event is lost, and the sweep finds it, seed %i', { timeout }, async (seed) => {
    const run = await runWired({ scenario: 'lost-termination-event', seed })
    isSafe(run, 1)
    isInTime(run)
    expect(run.verdict.figures.secondsFromLastStoppedToCompletion).toBeGreaterThan(0)
  })

  test('what nobody can read goes to the dead-letter queue, and the rest of its batch does not', {
    timeout,
  }, async () => {
    const unreadable = ['{"Type":"Notification","Message":', JSON.stringify({ 'detail-type': 'ECS Task State Change' })]
    const run = await runWired({ scenario: 'ami-update', seed: 1, alsoInInbox: unreadable })
    isSafe(run, 2)
    isInTime(run)
    expect(run.deadLetters).toBe(unreadable.length)
    expect(run.output.split('\n').filter((line) => line.includes('is not JSON')).length).toBeGreaterThan(0)
  })
})
