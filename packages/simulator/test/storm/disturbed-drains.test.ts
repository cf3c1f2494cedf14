// What somebody does to a drain is tried where it can matter, and not only where the storm happened to do it.
import { describe, expect, test } from 'vitest'
import { amiUpdatePlan } from '../../src/plan/defaults.ts'
import type { Happening, Plan } from '../../src/plan/plan.ts'
import { simulate } from '../../src/simulate.ts'
import { disturbedDrains } from '../../src/storm/disturbed-drains.ts'
import { pausesIn } from '../../src/storm/drain-pauses.ts'
import { oneDrain } from '../../src/storm/small-worlds.ts'
import { DECISION } from '../../src/trace/kind-numbers.ts'

const plan = amiUpdatePlan({
  groups: [{ name: 'group', desired: 3 }],
  services: [{ name: 'web', desired: 4 }],
})
const setActive: Happening = { atSeconds: 500, do: 'set-active', group: 'group', old: 2 }
const reRegister: Happening = { atSeconds: 900, do: 're-register-agent', group: 'group', old: 1 }
const noPause = () => []

const disturbed = (disturbances: ReadonlyArray<Happening>, pauses: ReadonlyArray<number>): ReadonlyArray<Plan> => [
  ...disturbedDrains(plan, disturbances, () => pauses),
]

const momentsOf = (worlds: ReadonlyArray<Plan>, verb: Happening['do']): ReadonlyArray<number> =>
  worlds.flatMap(({ happenings, faults }) =>
    faults.lose.length > 0 ? [] : happenings.filter((each) => each.do === verb).map(({ atSeconds }) => atSeconds),
  )

describe('a disturbance of a drain', () => {
  test('is tried in each pause of the drain and before it, whenever it was in the storm', () => {
    expect(momentsOf(disturbed([setActive], [70, 95, 130]), 'set-active')).toEqual([70, 95, 130, 20])
  })

  test('comes in a world of the plan’s own parameters: what breaks may need one of them', () => {
    const parameters = { 'ecs.listPage': 2 }
    const worlds = [...disturbedDrains({ ...plan, parameters }, [setActive], () => [70])]
    expect(worlds.length).toBeGreaterThan(0)
    for (const world of worlds) expect(world.parameters).toEqual(parameters)
  })

  test('befalls the one host that drains', () => {
    for (const { groups, services, happenings } of disturbed([setActive], [70])) {
      expect([groups.map(({ desired }) => desired), services.length]).toEqual([[1], 1])
      expect(happenings).toEqual([
        { atSeconds: 60, do: 'terminate-instance', group: 'group', old: 0, decrementDesired: false },
        { ...setActive, atSeconds: expect.any(Number), old: 0 },
      ])
    }
  })

  test('is of the group and the service that are there, whichever they were in the storm', () => {
    const storm = amiUpdatePlan({
      groups: [{ name: 'one' }, { name: 'other' }],
      services: [{ name: 'web' }, { name: 'api' }],
    })
    const deploy: Happening = { atSeconds: 500, do: 'deploy', service: 'api' }
    const worlds = [...disturbedDrains(storm, [{ ...setActive, group: 'other' }, deploy], noPause)]
    const disturbed = worlds.map(({ groups, services, happenings }) => {
      const disturbance = happenings[1]
      return `${groups[0]?.name} ${services[0]?.name}: ${disturbance?.do} of ${
        disturbance?.do === 'deploy' ? disturbance.service : disturbance?.do === 'set-active' && disturbance.group
      }`
    })
    const expected = ['one', 'other'].flatMap((group) =>
      ['web', 'api'].flatMap((service) => [
        `${group} ${service}: set-active of ${group}`,
        `${group} ${service}: deploy of ${service}`,
      ]),
    )
    expect(new Set(disturbed)).toEqual(new Set(expected))
  })

  test('is tried with every event told, and then with no event of a kind', () => {
    const lost = disturbed([setActive], noPause()).map(({ faults }) => faults.lose[0]?.message)
    expect(lost).toEqual([undefined, 'agent-disconnected', 'task-stopped'])
  })

  test('is tried at the beginning and at the end of a drain that never ends', () => {
    const pauses = Array.from({ length: 200 }, (_, index) => 100 + index)
    expect(momentsOf(disturbed([setActive], pauses), 'set-active')).toEqual([100, 101, 102, 297, 298, 299, 20])
  })

  test('is not looked for where the storm can do without any, and no run is spent on that', () => {
    const noRuns = () => {
      throw new Error('a run was spent')
    }
    expect([...disturbedDrains(plan, [], noRuns)]).toEqual([])
  })

  test('is one of each kind that the storm had', () => {
    const both = disturbed([setActive, reRegister, { ...setActive, atSeconds: 700 }], [70])
    expect(momentsOf(both, 'set-active')).toEqual([70, 20])
    expect(momentsOf(both, 're-register-agent')).toEqual([70, 20])
  })
})

describe('the pauses of a drain', () => {
  const [world] = oneDrain(plan)
  if (world === undefined) throw new Error('there is a group with a service')

  test('are where it decides nothing for two seconds, after it has begun and before it is over', () => {
    const { trace } = simulate(world)
    const decided = Array.from(trace.kind.subarray(0, trace.length)).flatMap((kind, index) =>
      kind === DECISION ? [(trace.at[index] ?? 0) / 1000] : [],
    )
    const pauses = pausesIn(world, 'ecs-drain', () => {})
    expect(pauses.length).toBeGreaterThan(1)
    for (const second of pauses) {
      expect(decided.filter((at) => Math.abs(at - second) < 0.5)).toEqual([])
      expect([second > (decided[0] ?? 0), second < (decided.at(-1) ?? 0)]).toEqual([true, true])
    }
  })

  test('cost one run, whose records are told', () => {
    const told: number[] = []
    pausesIn(world, 'ecs-drain', (records) => told.push(records))
    expect(told).toEqual([simulate(world).trace.length])
  })
})
