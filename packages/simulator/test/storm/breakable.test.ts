// A promise that no defect breaks is not judged. So each of the eight is broken in a storm, by a defect that is planted.
import { describe, expect, test } from 'vitest'
import { promiseNames } from '../../src/promise/promise.ts'
import { type Defect, stormWithDefect } from '../check/bundled.ts'

const seedsMost = 300

interface Planted extends Defect {
  readonly name: string
  readonly where: 'core' | 'world'
  readonly breaks: (typeof promiseNames)[number] | 'threw'
  readonly says: RegExp
}

const planted: ReadonlyArray<Planted> = [
  {
    name: 'a task counts as gone when it is no longer RUNNING',
    where: 'core',
    file: 'drain/known-tasks.ts',
    replace: "task.lastStatus === 'STOPPED'",
    by: "task.lastStatus !== 'RUNNING'",
    breaks: 'S1 no early completion',
    says: /CONTINUE took effect for i-\w+ while task/,
  },
  {
    name: 'the tasks of a service are told to stop at once',
    where: 'core',
    file: 'effect/effects-owed.ts',
    replace: "const stopsAll = drain.deadline?.choice === 'stop-tasks'",
    by: 'const stopsAll = true',
    breaks: 'S2 floor',
    says: /had \d+ healthy tasks? of at least \d+/,
  },
  {
    name: "every hook's notice is taken for ours",
    where: 'core',
    file: 'observation/observe.ts',
    replace: '.some(({ name }) => name === hook)',
    by: '.length > 0',
    breaks: 'S3 foreign hooks and instances',
    says: /the hook somebody-else of i-\w+ got a \w+; it is not ours/,
  },
  {
    name: 'Auto Scaling lets an action be completed again and again',
    where: 'world',
    file: 'world/auto-scaling/lifecycle.ts',
    replace: '  action.open = false\n  record(world, HOOK_ENDED, action.number',
    by: '  record(world, HOOK_ENDED, action.number',
    breaks: 'S4 one completion per action',
    says: /ended a second time/,
  },
  {
    name: 'a conflict is taken for success',
    where: 'core',
    file: 'invocation/invocation.ts',
    replace: "if (answer.type === 'conflict') {",
    by: "if (answer.type === 'nothing') {",
    breaks: 'S5 the stream is enough',
    says: /the first \d+ commits give/,
  },
  {
    name: 'no wake-up is sent',
    where: 'core',
    file: 'effect/effects-owed.ts',
    replace: 'return work.length === 0 ? owedWakeUp(drain, now, policy, hops) : work',
    by: 'return work',
    breaks: 'L1 completes when the tasks have stopped',
    says: /s after its last task had stopped/,
  },
  {
    name: 'the sweep asks nobody to look at the tasks again',
    where: 'core',
    file: 'drain/decide.ts',
    replace: 'return hasUseForSweep(drain, policy) ? swept(drain, at) : nothing',
    by: 'return nothing',
    breaks: 'L2 every drain ends',
    says: /the run ended and i-\w+ still waited/,
  },
  {
    name: 'no heartbeat ever becomes due',
    where: 'core',
    file: 'effect/effects-owed.ts',
    replace: 'now >= heartbeatFrom(drain, policy) || isBroughtForward(drain, now, policy)',
    by: 'false',
    breaks: 'L3 the hook does not time out',
    says: /the hook of i-\w+ timed out/,
  },
]

/** Its host is let go, and the controller never gets to know. */
const neverOver: Planted = {
  name: 'that an action is not active any more is a failure like another',
  where: 'core',
  file: 'invocation/outcome.ts',
  replace: 'failure.message.startsWith(notActivePrefix)',
  by: 'failure.message.length < 0',
  breaks: 'L2 every drain ends',
  says: /the stream of i-\w+ did not say that its drain is over/,
}

const staysDraining: Planted = {
  name: 'an instance that comes back from its warm pool is not set ACTIVE',
  where: 'core',
  file: 'effect/effects-owed.ts',
  replace: 'if (!awaitsActivation(drain)) return none',
  by: 'return none',
  breaks: 'L2 every drain ends',
  says: /i-\w+ was DRAINING still, back in service from its warm pool at [\d.]+ s/,
}

/** Each handling would end when its function does, and the world go on as if nothing was. */
const neverEnds: Planted = {
  name: 'that an instance is ACTIVE again is not recorded',
  where: 'core',
  file: 'drain/drain.ts',
  replace: "return { ...succeeded(drain, 'SetActive'), activated: true }",
  by: 'return drain',
  breaks: 'threw',
  says: /\d+ effects in one handling, and more are owed/,
}

describe('in a storm', () => {
  test.each([...planted, neverOver, staysDraining, neverEnds])(
    '$breaks is broken where $name',
    { timeout: 60_000 },
    async ({ where, breaks, says, ...defect }) => {
      const runSeed = await stormWithDefect(defect, where)
      const witnesses = (seed: number): ReadonlyArray<string> =>
        runSeed(seed).failures.flatMap(({ broke, witness }) => (broke === breaks ? [witness] : []))
      let found: ReadonlyArray<string> = []
      for (let seed = 0; seed < seedsMost && found.length === 0; seed += 1) found = witnesses(seed)
      expect(found[0]).toMatch(says)
    },
  )

  test('no promise is left out', () => {
    expect(planted.map(({ breaks }) => breaks)).toEqual(promiseNames)
  })
})
