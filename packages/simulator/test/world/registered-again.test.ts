import type { Answer, Call, ContainerInstanceArn, Ec2InstanceId } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { createNone } from '../../src/controller/none.ts'
import { completePlan, type PlanSketch } from '../../src/plan/defaults.ts'
import { containerInstanceStates, taskStatuses } from '../../src/trace/trace.ts'
import { calling, runOf } from './running.ts'

const parameters = { 'agent.registration': 5, 'ecs.givesUpOnRecord': 600 } as const

/** Of two instances with two tasks of a service each, the first registers again after a minute. */
const planOf = (sketch: PlanSketch = {}) =>
  completePlan({
    groups: [{ cpu: 4096 }],
    services: [{ desired: 4 }],
    happenings: [{ do: 're-register-agent', atSeconds: 60 }],
    controller: { sweepEverySeconds: 60 },
    parameters,
    untilSeconds: 3600,
    ...sketch,
  })

type Run = ReturnType<typeof runOf>

/** The number that the host's new container instance has. */
const newRecord = (run: Run): number => run.of('registered-again')[0]?.b ?? -1
const status = (name: (typeof containerInstanceStates)[number]): number => containerInstanceStates.indexOf(name)
const statusesOf = (run: Run, record: number) =>
  run
    .of('container-instance')
    .filter(({ a }) => a === record)
    .map(({ at, b }) => [at, containerInstanceStates[b]])
const stopped = (run: Run) => run.of('task-last-status').filter(({ b }) => taskStatuses[b] === 'STOPPED')

describe('an agent that has lost its state', () => {
  test('registers its host as another container instance, ACTIVE, and the one that it was stays without an agent', () => {
    const run = runOf(planOf(), createNone())
    expect(run.of('registered-again')).toMatchObject([{ at: 65_000, a: 0, b: 2 }])
    expect(statusesOf(run, newRecord(run))).toEqual([[65_000, 'ACTIVE']])
    expect(run.of('agent').filter(({ at }) => at > 0)).toMatchObject([
      { at: 60_000, a: 0, b: 0 },
      { at: 65_000, a: 2, b: 1 },
    ])
    expect(run.trace.cast.instances[2]).toEqual({ ...run.trace.cast.instances[0], host: 0 })
  })

  test('has forgotten its tasks, which ECS shows as it last saw them until it gives up on that record', () => {
    const run = runOf(planOf(), createNone())
    const onFirst = run.of('task-placed').flatMap(({ a, b }) => (b === 0 ? [a] : []))
    expect(run.of('task-orphaned').map(({ a }) => a)).toEqual(onFirst.slice(0, 2))
    expect(stopped(run)).toMatchObject(onFirst.slice(0, 2).map((a) => ({ at: 660_000, a })))
    expect(statusesOf(run, 0).at(-1)).toEqual([660_000, 'INACTIVE'])
    expect(run.of('task-killed')).toEqual([])
    expect(run.of('settled')).toHaveLength(1)
  })

  test('does not stop what ECS wants stopped on the record that it was, which stays so until that is given up', () => {
    const run = runOf(
      planOf({
        happenings: [
          { do: 'set-draining', atSeconds: 30 },
          { do: 're-register-agent', atSeconds: 40 },
        ],
      }),
      createNone(),
    )
    expect(run.of('task-desired-status').every(({ at }) => at < 640_000)).toBe(true)
    expect(stopped(run).map(({ at }) => at)).toEqual([640_000, 640_000])
  })

  test('takes tasks as the new one, on which ECS knows nothing of those of before', () => {
    const run = runOf(
      planOf({
        groups: [{ desired: 1, min: 0, cpu: 1024 }],
        services: [{ desired: 2, cpu: 512 }],
        happenings: [
          { do: 're-register-agent', atSeconds: 60 },
          { do: 'set-desired-count', atSeconds: 120, desired: 4 },
        ],
      }),
      createNone(),
    )
    expect(run.of('task-placed').filter(({ at }) => at > 0 && at < 600_000)).toMatchObject([{ b: 0 }, { b: 0 }])
    expect(run.of('placement-failed').filter(({ at }) => at < 600_000)).toEqual([])
  })

  test('has a daemon on the new record as well, as on each ACTIVE one', () => {
    const run = runOf(
      planOf({ services: [{ name: 'daemon', schedulingStrategy: 'DAEMON' }], untilSeconds: 300 }),
      createNone(),
    )
    expect(run.of('task-placed').map(({ b }) => b)).toEqual([0, 1, 0])
  })

  test('takes both records with it when the host dies, and what ran there under either', () => {
    const run = runOf(
      planOf({
        services: [{ name: 'daemon', schedulingStrategy: 'DAEMON' }],
        happenings: [
          { do: 're-register-agent', atSeconds: 60 },
          { do: 'kill-instance', atSeconds: 200 },
        ],
      }),
      createNone(),
    )
    const record = newRecord(run)
    expect(run.of('task-killed').length).toBe(2)
    expect(statusesOf(run, record).at(-1)?.[1]).toBe('INACTIVE')
    // Its agent was away, so ECS does not deregister that one by itself: it is given up on like any other.
    expect(statusesOf(run, 0).at(-1)).toEqual([660_000, 'INACTIVE'])
    const diedOnHost = stopped(run).filter(({ at }) => at < 300_000)
    expect(diedOnHost.length).toBe(2)
  })

  test('does not come back as the one that it was', () => {
    const run = runOf(
      planOf({
        happenings: [
          { do: 'disconnect-agent', atSeconds: 30, forSeconds: 60 },
          { do: 're-register-agent', atSeconds: 60 },
        ],
      }),
      createNone(),
    )
    expect(run.of('agent').filter(({ at }) => at > 0)).toMatchObject([
      { at: 30_000, a: 0, b: 0 },
      { at: 65_000, a: 2, b: 1 },
    ])
  })

  test('may lose it again, and is another once more', () => {
    const again = { do: 're-register-agent', atSeconds: 100 } as const
    const run = runOf(planOf({ happenings: [{ ...again, atSeconds: 60 }, again] }), createNone())
    expect(run.of('registered-again').map(({ a, b }) => [a, b])).toEqual([
      [0, 2],
      [0, 3],
    ])
  })

  test.each(['kill-instance', 're-register-agent'] as const)('cannot lose it while %s is under way', (first) => {
    const run = runOf(
      planOf({
        happenings: [
          { do: first, atSeconds: 58 },
          { do: 're-register-agent', atSeconds: 60 },
        ],
      }),
      createNone(),
    )
    expect(run.of('registered-again').length).toBe(first === 'kill-instance' ? 0 : 1)
  })

  test('registers nothing where its host dies before', () => {
    const run = runOf(
      planOf({
        happenings: [
          { do: 're-register-agent', atSeconds: 60 },
          { do: 'kill-instance', atSeconds: 62 },
        ],
      }),
      createNone(),
    )
    expect(run.of('registered-again')).toEqual([])
  })

  test('has both records in a list by ec2InstanceId, each with its own tasks, status and connection', () => {
    const asked: Array<ReadonlyArray<unknown>> = []
    let arns: ReadonlyArray<ContainerInstanceArn> = []
    const asks = calling(
      ['sweep'],
      (message, { directory }): ReadonlyArray<Call> => {
        if (message.at < 180_000) return []
        const name = directory.clusterName
        if (arns.length === 0) {
          const ec2InstanceId: Ec2InstanceId = directory.instanceId(0)
          return [{ type: 'ListContainerInstances', cluster: name, ec2InstanceId, nextToken: null }]
        }
        return [
          { type: 'DescribeContainerInstances', cluster: name, containerInstances: arns },
          ...arns.map(
            (containerInstance): Call => ({
              type: 'ListTasks',
              cluster: name,
              containerInstance,
              desiredStatus: 'RUNNING',
              nextToken: null,
            }),
          ),
          {
            type: 'UpdateContainerInstancesState',
            cluster: name,
            containerInstances: arns.slice(1),
            status: 'DRAINING',
          },
        ]
      },
      (_, replies) => {
        const answers = replies.map(({ answer }) => answer)
        if (arns.length === 0 && answers.length > 0) arns = (answers[0] as Answer<'ListContainerInstances'>).items
        else if (answers.length > 0) asked.push(answers)
      },
    )
    const run = runOf(planOf({ untilSeconds: 400 }), asks)
    expect(arns.length).toBe(2)
    const [described, ofOld, ofNew, updated] = asked[0] as [
      Answer<'DescribeContainerInstances'>,
      Answer<'ListTasks'>,
      Answer<'ListTasks'>,
      Answer<'UpdateContainerInstancesState'>,
    ]
    expect(described.containerInstances).toMatchObject([
      { arn: arns[0], status: 'ACTIVE', agentConnected: false },
      { arn: arns[1], status: 'ACTIVE', agentConnected: true },
    ])
    expect(new Set(described.containerInstances.map(({ ec2InstanceId }) => ec2InstanceId)).size).toBe(1)
    expect([ofOld.items.length, ofNew.items.length]).toEqual([2, 0])
    expect(updated.containerInstances).toMatchObject([{ arn: arns[1], status: 'DRAINING' }])
    expect(run.of('container-instance').filter(({ b }) => b === status('DRAINING'))).toMatchObject([{ a: 2 }])
  })

  test('is told of by events, under the ARN of each record', () => {
    const told: Array<unknown> = []
    const hears = calling(['container-instance', 'agent-disconnected', 'task-stopped'], (message, { directory }) => {
      told.push([
        message.kind,
        directory.containerInstanceArn(message.instance).slice(-6),
        directory.instanceId(message.instance).slice(-6),
        message.agentConnected,
        containerInstanceStates[message.status],
      ])
      return []
    })
    runOf(
      planOf({
        happenings: [
          { do: 'set-draining', atSeconds: 30 },
          { do: 're-register-agent', atSeconds: 60 },
          { do: 'set-draining', atSeconds: 80 },
        ],
      }),
      hears,
    )
    const ofKind = (kind: string) => told.filter((each) => (each as ReadonlyArray<unknown>)[0] === kind)
    const ofRecords = ofKind('container-instance').map(String)
    expect([...new Set(ofRecords)]).toEqual([
      'container-instance,000000,000000,true,DRAINING',
      'container-instance,000000,000000,false,DRAINING',
      'container-instance,000002,000000,true,DRAINING',
    ])
    // Its loss, and each of its two tasks being told to stop.
    expect(ofKind('agent-disconnected').map(String)).toEqual(
      Array.from({ length: 3 }, () => 'agent-disconnected,000000,000000,false,DRAINING'),
    )
    expect(ofKind('task-stopped').map((each) => (each as ReadonlyArray<unknown>).slice(0, 3))).toContainEqual([
      'task-stopped',
      '000000',
      '000000',
    ])
  })

  test('is told nothing of while it is ACTIVE, since no rule forwards such an event', () => {
    const run = runOf(
      planOf(),
      calling(['container-instance', 'agent-disconnected'], () => []),
    )
    expect(run.of('agent').filter(({ at }) => at > 0)).toHaveLength(2)
    expect(run.of('message-sent')).toEqual([])
  })
})
