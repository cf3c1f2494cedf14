// One STOPPED record, from the JSON text of an SQS batch to the receipt, over the memory store. At most 50 microseconds.
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import type { DrainReport } from '../src/application/drain-controller.ts'
import type { DrainEvent } from '../src/drain/drain-event.ts'
import type { ContainerInstanceArn, Ec2InstanceId } from '../src/identity/ids.ts'
import type { AppendRequest } from '../src/invocation/call.ts'
import type { EventStore } from '../src/port/port.ts'
import {
  at,
  containerInstanceNumber,
  event,
  instanceNumber,
  lifecycleAction,
  task,
  theCluster,
  theHook,
} from '../src/testing/builders.ts'
import { bundledCore } from './support/bundled-core.ts'

const { createDrainController, memoryEventStore, streamOf } = await bundledCore()

/** Streams to write to: a stream that grew with every round would measure something else. */
const instanceCount = 1_000
const taskCount = 10

interface Host {
  readonly instance: Ec2InstanceId
  readonly containerInstance: ContainerInstanceArn
  readonly record: string
}

const batch = JSON.parse(
  readFileSync(new URL('../test/fixtures/task-state-change-stopped-sqs.json', import.meta.url), 'utf8'),
) as { readonly Records: ReadonlyArray<{ readonly body: string }> }

const stoppedOn = (containerInstanceArn: ContainerInstanceArn): string => {
  const [record] = batch.Records
  const body = JSON.parse(record?.body ?? '') as { readonly detail: object }
  const detail = { ...body.detail, taskArn: task(0).arn, containerInstanceArn, version: 9 }
  return JSON.stringify({ Records: [{ ...record, body: JSON.stringify({ ...body, detail }) }] })
}

const hosts: ReadonlyArray<Host> = Array.from({ length: instanceCount }, (_, n) => {
  const containerInstance = containerInstanceNumber(n)
  return { instance: instanceNumber(n), containerInstance, record: stoppedOn(containerInstance) }
})

/** DRAINING, with tasks that all still run. */
const drainingEvents = ({ instance, containerInstance }: Host): ReadonlyArray<DrainEvent> => [
  event('DrainRequested', 0, { action: lifecycleAction({ instance }) }),
  event('LifecycleActionHeartbeatRecorded', 1),
  event('LifecycleHookDescribed', 1),
  event('ContainerInstanceFound', 1, { cluster: theCluster, arn: containerInstance }),
  event('ContainerInstanceDraining', 2),
  event('TasksRead', 60, { since: at(60), tasks: Array.from({ length: taskCount }, (_, n) => task(n)) }),
  event('WakeUpSent', 61, { wakeAt: at(600), hops: 1 }),
]

const seeds: ReadonlyArray<AppendRequest> = hosts.map((host) => ({
  type: 'AppendToStream',
  stream: streamOf(host.instance),
  expectedVersion: 0,
  events: drainingEvents(host),
  index: { watched: true, containerInstances: [host.containerInstance] },
}))

const drainingHosts = async (): Promise<EventStore> => {
  const store = memoryEventStore()
  for (const seed of seeds) await store.append(seed)()
  return store
}

const unasked = (): never => {
  throw new Error('AWS is asked for nothing when one of ten tasks has stopped')
}

const controllerOver = (eventStore: EventStore) =>
  createDrainController({
    eventStore,
    cluster: {
      listContainerInstances: unasked,
      describeContainerInstances: unasked,
      updateContainerInstancesState: unasked,
      listTasks: unasked,
      describeTasks: unasked,
      stopTask: unasked,
    },
    lifecycleHooks: { complete: unasked, recordHeartbeat: unasked, describeHooks: unasked, describeGroups: unasked },
    wakeUps: { send: unasked },
    clock: { now: () => at(90) },
    policy: { hooks: [{ name: theHook, groups: null }], clusters: [theCluster] },
  })

const isHandled = ({ receipts, ignored, undecodable, failed }: DrainReport): boolean =>
  receipts.length === 1 &&
  receipts[0]?.written.map(({ type }) => type).join() === 'TaskSeen' &&
  ignored.length + undecodable.length + failed.length === 0

const [first] = hosts
const checked = await controllerOver(await drainingHosts()).handle(first?.record)
if (!isHandled(checked)) throw new Error(`this measures something else: ${JSON.stringify(checked)}`)

let controller = controllerOver(await drainingHosts())

/** Each stream gets one record, and then there are new ones, which is not part of the figure. */
const beforeEach = async (): Promise<void> => {
  controller = controllerOver(await drainingHosts())
}

test('STOPPED records', async ({ bench }) => {
  await bench('a thousand of them, from SQS JSON text to the receipts', { beforeEach }, async () => {
    for (const { record } of hosts) await controller.handle(record)
  }).run()
})

const idleController = controllerOver(memoryEventStore())

test('a STOPPED record of an instance that nobody drains', async ({ bench }) => {
  await bench('from SQS JSON text to the report', async () => {
    await idleController.handle(first?.record)
  }).run()
})
