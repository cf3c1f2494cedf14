import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import type { Call, Calls, CallType } from '../../src/invocation/call.ts'
import type { Failure } from '../../src/observation/failure.ts'
import type { JournalEntry } from '../../src/port/journal-entry.ts'
import type { Ports } from '../../src/port/port.ts'
import { PortFailure, type PortOptions, type Promised } from '../../src/port/promise-lifting.ts'
import type { ScriptedWorld } from '../../src/testing/index.ts'

/** Ports in TaskEither style over a scripted world. */
export const portsOver = (world: ScriptedWorld, entries: Array<JournalEntry> = []): Ports => {
  const ask =
    <Type extends CallType>(_type: Type) =>
    (request: Calls[Type]['request']): TE.TaskEither<Failure, Calls[Type]['answer']> =>
    async () => {
      const reply = world.answer(request as Call)
      return reply.type === 'answered' ? E.right(reply.answer as Calls[Type]['answer']) : E.left(reply.failure)
    }
  return {
    eventStore: {
      load: ask('LoadStream'),
      append: ask('AppendToStream'),
      findStreams: ask('FindStreams'),
      listWatched: ask('ListWatchedStreams'),
    },
    cluster: {
      listContainerInstances: ask('ListContainerInstances'),
      describeContainerInstances: ask('DescribeContainerInstances'),
      updateContainerInstancesState: ask('UpdateContainerInstancesState'),
      listTasks: ask('ListTasks'),
      describeTasks: ask('DescribeTasks'),
      stopTask: ask('StopTask'),
    },
    lifecycleHooks: {
      complete: ask('CompleteLifecycleAction'),
      recordHeartbeat: ask('RecordLifecycleActionHeartbeat'),
      describeHooks: ask('DescribeLifecycleHooks'),
      describeGroups: ask('DescribeAutoScalingGroups'),
    },
    wakeUps: { send: ask('SendWakeUp') },
    clock: { now: () => world.now },
    journal: { note: (entry) => () => entries.push(entry) },
  }
}

/** The same in promise style: what fails is thrown. */
export const promisesOver = (world: ScriptedWorld): PortOptions => {
  const { eventStore, cluster, lifecycleHooks, wakeUps, clock } = portsOver(world)
  return {
    eventStore: promised(eventStore),
    cluster: promised(cluster),
    lifecycleHooks: promised(lifecycleHooks),
    wakeUps: promised(wakeUps),
    clock,
  }
}

type Asked = (request: never) => TE.TaskEither<Failure, unknown>

const promised = <Port extends object>(port: Port): Promised<Port> =>
  Object.fromEntries(
    Object.entries(port).map(([name, ask]) => [
      name,
      async (request: never) => {
        const answer = await (ask as Asked)(request)()
        if (E.isLeft(answer)) throw new PortFailure(answer.left)
        return answer.right
      },
    ]),
  ) as Promised<Port>
