import { expect, test } from 'vitest'
import { createEcsDrainController } from '../../src/controller/ecs-drain.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { stormOf } from '../../src/storm/storm-plan.ts'
import { freshCandidates, rankOf, takes } from '../../src/world/ecs/candidates.ts'
import type { Service, World } from '../../src/world/state.ts'
import { driveWorld } from '../../src/world/world.ts'

/** What a look at all container instances finds: the zone, how many tasks of the service are there, and the rank. */
const found = (world: World, service: Service): ReadonlyArray<string> =>
  world.groups.flatMap(({ records }) =>
    records
      .filter((instance) => takes(instance, service))
      .map((instance) => `${instance.zone} ${service.perInstance[instance.number] ?? 0} ${rankOf(instance)}`),
  )

const kept = (world: World, service: Service): ReadonlyArray<string> =>
  freshCandidates(world, service).zones.flatMap((zone, number) =>
    zone.flatMap(({ ranks, count }, tasks) =>
      [...ranks.subarray(0, count)].map((rank) => `${number} ${tasks} ${rank}`),
    ),
  )

/** Within a level the order of the groups' lists has to come out by itself. */
const byLevel = (candidates: ReadonlyArray<string>): ReadonlyArray<string> => {
  const level = (candidate: string): string => candidate.slice(0, candidate.lastIndexOf(' '))
  return [...candidates].sort((one, other) => Number(level(one) > level(other)) - Number(level(one) < level(other)))
}

/** With a port that an instance has once, which storms do not have. */
const withPort = ({ services, ...plan }: Plan): Plan => ({
  ...plan,
  services: services.map((service, index) => ({ ...service, hostPort: index === 0 ? 8080 : null })),
})

test('what is kept of the candidates is what a look at all instances finds', () => {
  let compared = 0
  for (let seed = 1; seed <= 24; seed += 1) {
    const plan = seed % 3 === 0 ? withPort(stormOf(seed).plan) : stormOf(seed).plan
    const { world, advanceTo, nextAt } = driveWorld(plan, createEcsDrainController(plan))
    for (let step = 0; step < 1_000; step += 1) {
      advanceTo(nextAt() ?? 0)
      // Now after each moment, now after several.
      if (step % (1 + (seed % 4)) !== 0) continue
      for (const service of world.services) {
        const candidates = kept(world, service)
        compared += candidates.length
        expect(byLevel(candidates), `seed ${seed}, step ${step}`).toEqual(byLevel(found(world, service)))
      }
    }
  }
  expect(compared).toBeGreaterThan(50_000)
})
