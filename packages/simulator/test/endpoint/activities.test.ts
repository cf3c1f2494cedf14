// What a group has launched and terminated: where somebody looks who asks why an instance is still there.
import {
  type Activity,
  DescribeScalingActivitiesCommand,
  type DescribeScalingActivitiesCommandInput,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { describe, expect, test } from 'vitest'
import { type Served, serve } from './served.ts'

const activitiesOf = async ({ autoScaling }: Served, input: Partial<DescribeScalingActivitiesCommandInput> = {}) =>
  autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'group', ...input }))

const shortly = ({ Description = '', StatusCode, Progress, EndTime }: Partial<Activity>) => [
  Description.split(':')[0],
  StatusCode,
  Progress,
  EndTime !== undefined,
]

const idsOf = ({ endpoint }: Served) => endpoint.state().groups[0]?.instances.map(({ instanceId }) => instanceId) ?? []

const launched = ['Launching a new EC2 instance', 'Successful', 100, true]

describe('scaling activities', () => {
  test('are the launches of second zero at first', async () => {
    const served = await serve()
    const { Activities = [], NextToken } = await activitiesOf(served)
    expect([Activities.map(shortly), NextToken]).toEqual([[launched, launched], undefined])
    const ids = Activities.map(({ Description = '' }) => Description.split(' ').at(-1))
    expect(ids.reverse()).toEqual(idsOf(served))
  })

  test('tell of a termination that its hook holds it, and of its end; what is in progress comes first', async () => {
    const served = await serve({ groups: [{ hooks: [{ heartbeatTimeoutSeconds: 300 }] }] })
    const [first] = idsOf(served)
    served.endpoint.act({ do: 'terminate-instance', old: 0 })
    served.endpoint.advance(20)
    const held = ['Terminating EC2 instance', 'MidTerminatingLifecycleAction', 60, false]
    const { Activities: during = [] } = await activitiesOf(served)
    expect(during.map(shortly)).toContainEqual(held)
    expect(during.find(({ StatusCode }) => StatusCode === held[1])?.Description).toBe(
      `Terminating EC2 instance: ${first}`,
    )
    served.endpoint.advance(281)
    const { Activities: going = [] } = await activitiesOf(served)
    expect(shortly(going[0] ?? {})).toEqual(['Terminating EC2 instance', 'InProgress', 50, false])
    served.endpoint.advance(300)
    const { Activities: after = [] } = await activitiesOf(served)
    expect(after.map(shortly)).toEqual([
      launched,
      ['Terminating EC2 instance', 'Successful', 100, true],
      launched,
      launched,
    ])
    const [, termination] = after
    expect((termination?.EndTime?.getTime() ?? 0) - (termination?.StartTime?.getTime() ?? 0)).toBeGreaterThan(300_000)
  })

  test('tell of a host that was killed in the middle of its launch, and of one that went to the warm pool', async () => {
    const served = await serve({ groups: [{ reuseOnScaleIn: true, max: 3, hooks: [] }] })
    served.endpoint.act({ do: 'scale-in' })
    served.endpoint.advance(300)
    const { Activities: warmed = [] } = await activitiesOf(served)
    expect(warmed.map(shortly)).toEqual([['Terminating EC2 instance', 'Successful', 100, true], launched, launched])
    served.endpoint.act({ do: 'return-from-warm-pool' })
    served.endpoint.advance(1)
    const { Activities: returning = [] } = await activitiesOf(served)
    expect(shortly(returning[0] ?? {})).toEqual(['Launching a new EC2 instance', 'InProgress', 50, false])
    const pending = served.endpoint
      .state()
      .groups[0]?.instances.find(({ lifecycleState }) => lifecycleState === 'Pending')
    served.endpoint.act({ do: 'kill-instance', instance: pending?.instanceId })
    const { Activities: killed = [] } = await activitiesOf(served)
    expect(killed.filter(({ EndTime }) => EndTime === undefined)).toEqual([])
    expect(shortly(killed[0] ?? {})).toEqual(['Terminating EC2 instance', 'Successful', 100, true])
  })

  test('are told in pages, of one group, or by their ids', async () => {
    const served = await serve({ groups: [{ desired: 3 }, { name: 'other', desired: 1 }] })
    const page = await activitiesOf(served, { MaxRecords: 2 })
    const rest = await activitiesOf(served, { MaxRecords: 2, NextToken: page.NextToken ?? '' })
    const ids = [...(page.Activities ?? []), ...(rest.Activities ?? [])].map(({ ActivityId = '' }) => ActivityId)
    expect([new Set(ids).size, rest.NextToken]).toEqual([3, undefined])
    const { Activities: all } = await served.autoScaling.send(new DescribeScalingActivitiesCommand({}))
    expect(all).toHaveLength(4)
    const [id = ''] = ids
    const { Activities: one = [] } = await activitiesOf(served, { ActivityIds: [id, 'unknown'] })
    expect(one.map(({ ActivityId }) => ActivityId)).toEqual([id])
  })

  test('have the id that TerminateInstanceInAutoScalingGroup has told', async () => {
    const served = await serve()
    const [InstanceId = ''] = idsOf(served)
    const input = { InstanceId, ShouldDecrementDesiredCapacity: false }
    const { Activity: told } = await served.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(input))
    const { Activities = [] } = await activitiesOf(served, { ActivityIds: [told?.ActivityId ?? ''] })
    expect(Activities.map(({ Description }) => Description)).toEqual([told?.Description])
  })

  test('of a group that is not there are refused', async () => {
    const served = await serve()
    const refused = await activitiesOf(served, { AutoScalingGroupName: 'none' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'ValidationError' })
  })
})
