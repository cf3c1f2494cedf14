// DescribeServices says why a replacement is not there: that is what whoever waits for a drain asks next.
import { DescribeServicesCommand } from '@aws-sdk/client-ecs'
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

const drained = async (): Promise<Served> => {
  const served = await serve(full)
  served.endpoint.advance(60)
  served.endpoint.act({ do: 'set-draining', old: 0 })
  return served
}

test('a task that has no place is an event of its service, in the words of AWS, with what the closest host lacks', async () => {
  const served = await serve(full)
  served.endpoint.advance(60)
  expect(await eventsOf(served)).toEqual([])
  served.endpoint.act({ do: 'set-draining', old: 0 })
  served.endpoint.advance(30)
  const [event, ...more] = await eventsOf(served)
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
  expect(await eventsOf(served)).toHaveLength(1)
  served.endpoint.advance(2 * 3600)
  const [newer, older] = await eventsOf(served)
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
  expect(await eventsOf(served)).toHaveLength(2)
})

test('where no instance is ACTIVE there is none that would be the closest', async () => {
  const served = await drained()
  served.endpoint.act({ do: 'set-draining', old: 1 })
  served.endpoint.advance(30)
  expect((await eventsOf(served))[0]?.message).toContain('Reason: No Container Instances were found in your cluster.')
})
