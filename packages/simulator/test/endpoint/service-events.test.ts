// DescribeServices says what a service has done of late, and why a replacement is not there: what whoever waits for a drain asks next.
import { DescribeServicesCommand, StopTaskCommand } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { type Served, serve } from './served.ts'

/** Two full hosts. */
const full = {
  groups: [{ name: 'group', desired: 2, max: 3, cpu: 1024, memory: 1920 }],
  services: [{ name: 'web', desired: 4, cpu: 512, memory: 768 }],
}

const eventsOf = async ({ ecs }: Served) => {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'cluster', services: ['web'] }))
  return services?.[0]?.events ?? []
}

/** Those of placements that failed. */
const failuresOf = async (served: Served) =>
  (await eventsOf(served)).filter(({ message = '' }) => message.includes('was unable to place'))

const drained = async (): Promise<Served> => {
  const served = await serve(full)
  served.endpoint.advance(60)
  served.endpoint.act({ do: 'set-draining', old: 0 })
  return served
}

test('a task that has no place is an event of its service, in the words of AWS, with what the closest host lacks', async () => {
  const served = await serve(full)
  served.endpoint.advance(60)
  expect(await failuresOf(served)).toEqual([])
  served.endpoint.act({ do: 'set-draining', old: 0 })
  served.endpoint.advance(30)
  const [event, ...more] = await failuresOf(served)
  expect(more).toEqual([])
  expect(event?.message).toMatch(
    new RegExp(
      '^\\(service web\\) was unable to place a task because no container instance met all of its requirements\\. ' +
        'The closest matching \\(container-instance [0-9a-f]{32}\\) has insufficient CPU units available\\. ',
    ),
  )
  expect(event?.createdAt?.getTime()).toBeGreaterThan(0)
  expect(event?.id).toMatch(/^[0-9a-f-]{36}$/)
})

test('is said again after six hours, and not before', async () => {
  const served = await drained()
  served.endpoint.advance(5 * 3600)
  expect(await failuresOf(served)).toHaveLength(1)
  served.endpoint.advance(2 * 3600)
  const [newer, older] = await failuresOf(served)
  const hoursBetween = ((newer?.createdAt?.getTime() ?? 0) - (older?.createdAt?.getTime() ?? 0)) / 3_600_000
  expect(hoursBetween).toBeGreaterThanOrEqual(6)
})

test('is said again at once where it had been resolved', async () => {
  const served = await drained()
  served.endpoint.advance(30)
  served.endpoint.act({ do: 'scale-out' })
  served.endpoint.advance(300)
  served.endpoint.act({ do: 'set-draining', old: 1 })
  served.endpoint.advance(30)
  expect(await failuresOf(served)).toHaveLength(2)
})

test('where no instance is ACTIVE there is none that would be the closest', async () => {
  const served = await drained()
  served.endpoint.act({ do: 'set-draining', old: 1 })
  served.endpoint.advance(30)
  expect((await failuresOf(served))[0]?.message).toContain('Reason: No Container Instances were found in your cluster.')
})

test('a drain is told as it goes on: each task that is started or stopped, and that all is steady again', async () => {
  const served = await serve({ groups: [{ desired: 2 }], services: [{ name: 'web', desired: 4 }] })
  const messages = async () => (await eventsOf(served)).map(({ message = '' }) => message.replace(/[0-9a-f]{32}/, 'ID'))
  const steady = '(service web) has reached a steady state.'
  const started = '(service web) has started 1 tasks: (task ID).'
  const stopped = '(service web) has stopped 1 running tasks: (task ID).'
  served.endpoint.advance(60)
  expect(await messages()).toEqual([steady])
  served.endpoint.act({ do: 'set-draining', old: 0 })
  served.endpoint.advance(40)
  expect(await messages()).toEqual([started, started, steady])
  served.endpoint.advance(260)
  expect(await messages()).toEqual([steady, stopped, stopped, started, started, steady])
})

test('behind a load balancer a task is told as a target, too: registered when it runs, deregistered when it is stopped', async () => {
  const served = await serve({
    groups: [{ desired: 2 }],
    services: [{ name: 'web', desired: 2, loadBalancer: { deregistrationDelaySeconds: 60 } }],
  })
  served.endpoint.advance(60)
  served.endpoint.act({ do: 'set-draining', old: 0 })
  served.endpoint.advance(300)
  const targetGroup = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/73e2d6bc24d8a067'
  const messages = (await eventsOf(served)).map(({ message = '' }) => message.replace(/[0-9a-f]{32}/, 'ID'))
  expect(messages.toReversed()).toEqual([
    '(service web) has reached a steady state.',
    '(service web) has started 1 tasks: (task ID).',
    `(service web) registered 1 targets in (target-group ${targetGroup})`,
    '(service web) has stopped 1 running tasks: (task ID).',
    `(service web) deregistered 1 targets in (target-group ${targetGroup})`,
    expect.stringMatching(/^\(service web, taskSet ecs-svc\/\d+\) has begun draining connections on 1 tasks\.$/),
    '(service web) has reached a steady state.',
  ])
})

test('a task that somebody else stops is not one that the service has stopped, and is replaced', async () => {
  const served = await serve({ groups: [{ desired: 2 }], services: [{ name: 'web', desired: 1 }] })
  const [task] = served.endpoint.state().clusters[0]?.containerInstances.flatMap(({ tasks }) => tasks) ?? []
  await served.ecs.send(new StopTaskCommand({ cluster: 'cluster', task: task?.arn }))
  served.endpoint.advance(200)
  const does = (await eventsOf(served)).map(({ message = '' }) => /has (\w+)/.exec(message)?.[1])
  expect(does).toEqual(['reached', 'started', 'reached'])
})
