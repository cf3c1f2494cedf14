// A hundred thousand forged messages, ten at a time with two genuine ones among them. Whatever they say, nothing is
// drained, stopped or completed that is not ours, and the genuine ones are acted on.
import { type Call, encodeWakeUp, seconds } from '@ecs-drain/core'
import {
  containerInstanceNumber,
  instanceNumber,
  ScriptedWorld,
  task,
  taskNumber,
  theCluster,
  theGroup,
  theHook,
  theStream,
} from '@ecs-drain/core/testing'
import type { SQSBatchResponse } from 'aws-lambda'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  drainingOne,
  type Forgery,
  forgery,
  genuineAnnouncement,
  genuineStop,
  genuineTermination,
  inOtherCluster,
  inOtherGroup,
  type Kind,
  kinds,
  otherCluster,
  otherGroup,
  ourAccount,
  terminatingOne,
} from './support/forgery.ts'
import { invokedOver, policy } from './support/invoked.ts'

const forgedPerBatch = 10

/** Standalone tasks are stopped at once, so that a task that is not there to be believed would be told to stop. */
const eager = { ...policy, account: ourAccount, standaloneAfter: 0 }

const ourContainerInstances = [drainingOne, terminatingOne].map((n) => containerInstanceNumber(n))
const ourInstances = [drainingOne, terminatingOne].map((n) => instanceNumber(n))

/** What is wrong with a call; null where it reads, or writes to what is ours. */
const trespass = (call: Call): string | null => {
  switch (call.type) {
    case 'UpdateContainerInstancesState':
      return call.cluster === theCluster && call.containerInstances.every((arn) => ourContainerInstances.includes(arn))
        ? null
        : `${call.type} ${call.cluster} ${call.containerInstances.join()}`
    case 'StopTask':
      return call.cluster === theCluster && call.task === taskNumber(1) ? null : `${call.type} ${call.task}`
    case 'CompleteLifecycleAction':
    case 'RecordLifecycleActionHeartbeat': {
      const { group, hook, instance } = call.action
      // Auto Scaling is asked about whatever claims to wait for our hook in our group; that changes nothing of others.
      const isAsked = call.type === 'RecordLifecycleActionHeartbeat'
      return group === theGroup && hook === theHook && (isAsked || ourInstances.includes(instance))
        ? null
        : `${call.type} ${group} ${hook} ${instance}`
    }
    case 'SendWakeUp':
    case 'LoadStream':
    case 'AppendToStream':
    case 'FindStreams':
    case 'ListWatchedStreams':
    case 'ListContainerInstances':
    case 'DescribeContainerInstances':
    case 'ListTasks':
    case 'DescribeTasks':
    case 'DescribeLifecycleHooks':
    case 'DescribeAutoScalingGroups':
      return null
  }
}

/** Our draining and our terminating instance, and two of other teams that wait for a hook of the same name. */
const prepared = async () => {
  const world = new ScriptedWorld()
  world.addInstance(drainingOne, [task(1)])
  world.addInstance(terminatingOne)
  world.addInstance(inOtherCluster, [task(3)], { cluster: otherCluster })
  world.addInstance(inOtherGroup, [task(4)])
  world.terminate(drainingOne)
  world.terminate(terminatingOne)
  world.terminate(inOtherCluster, { group: otherGroup })
  world.terminate(inOtherGroup, { group: otherGroup })
  const invoked = invokedOver(world, { policy: eager })
  await invoked.invoke(JSON.parse(genuineAnnouncement))
  world.advance(seconds(6))
  await invoked.invoke(JSON.parse(encodeWakeUp(theStream, 1)))
  world.advance(seconds(6))
  world.stop(taskNumber(1))
  world.ledger.length = 0
  return { world, ...invoked }
}

interface Batch {
  readonly forged: ReadonlyArray<Forgery>
  readonly stopAt: number
  readonly terminationAt: number
}

const batches: fc.Arbitrary<Batch> = fc.record({
  forged: fc.array(forgery(), { minLength: forgedPerBatch, maxLength: forgedPerBatch }),
  stopAt: fc.nat(forgedPerBatch),
  terminationAt: fc.nat(forgedPerBatch),
})

const eventOf = ({ forged, stopAt, terminationAt }: Batch) => {
  const records = forged.map(({ body }, index) => ({ messageId: `forged-${index}`, eventSource: 'aws:sqs', body }))
  records.splice(stopAt, 0, { messageId: 'genuine-stop', eventSource: 'aws:sqs', body: genuineStop })
  records.splice(terminationAt, 0, {
    messageId: 'genuine-termination',
    eventSource: 'aws:sqs',
    body: genuineTermination,
  })
  return { Records: records }
}

/** Runs the property, and says how often each kind was drawn and how often it came back. */
const batchesAreHandled = async (numRuns: number) => {
  const drawn = new Map<Kind, number>()
  const returned = new Map<Kind, number>()
  const add = (counts: Map<Kind, number>, kind: Kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1)
  let completed = 0
  await fc.assert(
    fc.asyncProperty(batches, async (given) => {
      const { world, invoke } = await prepared()
      const answer = (await invoke(eventOf(given))) as SQSBatchResponse
      // A forged task may have to be looked for before the instance is known to be drained.
      world.advance(seconds(6))
      await invoke(JSON.parse(encodeWakeUp(theStream, 2)))

      expect(world.ledger.flatMap(({ call }) => trespass(call) ?? [])).toEqual([])
      expect(world.instances.map(({ status }) => status)).toEqual(['DRAINING', 'DRAINING', 'ACTIVE', 'ACTIVE'])
      expect(world.actions.map(({ ended, killed }) => [ended, killed.length])).toEqual([
        ['CONTINUE', 0],
        [null, 0],
        [null, 0],
        [null, 0],
      ])
      const back = answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
      expect(back.filter((id) => id.startsWith('genuine'))).toEqual([])

      given.forged.forEach(({ kind }, index) => {
        add(drawn, kind)
        if (back.includes(`forged-${index}`)) add(returned, kind)
      })
      completed += world.calls('CompleteLifecycleAction').length
    }),
    { numRuns },
  )
  expect([...drawn.values()].reduce((sum, count) => sum + count, 0)).toBe(numRuns * forgedPerBatch)
  expect(completed).toBe(numRuns)
  return { drawn, returned }
}

test('forged messages reach nothing that is not ours, and stop nothing that is', { timeout: 240_000 }, async () => {
  const { drawn, returned } = await batchesAreHandled(10_000)
  const rarest = (Object.keys(kinds) as ReadonlyArray<Kind>).filter((kind) => (drawn.get(kind) ?? 0) < 20)
  expect(rarest).toEqual([])
  expect(drawn.get('a host of another team in our name')).toBeGreaterThan(200)
  // Those that only JSON.parse or a codec can refuse were refused, and went the way to the dead-letter queue.
  const refused: ReadonlyArray<Kind> = ['fields of wrong types', 'documents of wrong types', 'text that breaks off']
  expect(refused.filter((kind) => (returned.get(kind) ?? 0) < 1_000)).toEqual([])
  expect(Object.hasOwn(Object.prototype, 'Records') || 'AutoScalingGroupName' in {}).toBe(false)
})
