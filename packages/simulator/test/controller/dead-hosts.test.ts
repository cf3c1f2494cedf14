// A notice for a host that is dead already is what a drain function gets for every Spot interruption, console terminate and hardware
// failure. Its lifecycle action ends soon after ECS knows that the tasks are gone, and not by a timeout or a deadline.
import { describe, expect, test } from 'vitest'
import { completePlan, type PlanSketch } from '../../src/plan/defaults.ts'
import { simulate } from '../../src/simulate.ts'
import { hookEndings, taskStatuses } from '../../src/trace/trace.ts'
import { entriesOf } from '../world/running.ts'

const lost = { do: 'disconnect-agent', atSeconds: 50, forSeconds: 9999 } as const
const killed = { do: 'kill-instance', atSeconds: 75 } as const

describe('the hook of a dead host is answered within three minutes of the end of its tasks in ECS', () => {
  test.each<readonly [string, PlanSketch]>([
    ['its container instance was deregistered', { happenings: [killed] }],
    ['its container instance is a ghost, since its agent was lost before', { happenings: [lost, killed] }],
    ['ECS does not know it yet', { happenings: [killed], parameters: { 'ecs.noticesDeadHost': 1200 } }],
    [
      'of a ghost ECS does not know it yet',
      { happenings: [lost, killed], parameters: { 'ecs.noticesDeadHost': 1200 } },
    ],
    ['it died while it was drained', { happenings: [{ do: 'terminate-instance' }, killed] }],
    [
      'it died on its way to the warm pool',
      { groups: [{ reuseOnScaleIn: true }], happenings: [{ do: 'scale-in' }, killed] },
    ],
  ])('%s', (_, sketch) => {
    const plan = completePlan({ ...sketch, controller: { policy: { deadline: null } }, untilSeconds: 100_000 })
    const { trace, promises } = simulate(plan)
    const entries = entriesOf(trace)
    const ended = entries.filter(({ kind }) => kind === 'hook-ended')
    expect(ended.map(({ b }) => hookEndings[b])).toEqual(['CONTINUE'])
    const gone = entries.filter(({ kind, b }) => kind === 'task-last-status' && taskStatuses[b] === 'STOPPED')
    const begun = entries.find(({ kind }) => kind === 'hook-started')
    const from = Math.max(begun?.at ?? Number.NaN, ...gone.slice(0, 2).map(({ at }) => at))
    expect(((ended[0]?.at ?? Number.NaN) - from) / 1000).toBeLessThan(180)
    expect(ended[0]?.at).toBeGreaterThanOrEqual(from)
    expect(promises.filter(({ held }) => !held)).toEqual([])
  })
})
