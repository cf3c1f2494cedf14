// What a reduction passes over depends on nothing: whoever is first, the function or anybody else, it comes to the same.
import { describe, expect, test } from 'vitest'
import { horizonsOf } from '../../src/check/core/abstract-time.ts'
import type { Model } from '../../src/check/model.ts'
import { models } from '../../src/check/models.ts'
import { tasksHealthyCount, tasksKeptCount, tasksOccupyingCount } from '../../src/check/moves/environment.ts'
import { createIsPassed } from '../../src/check/moves/reduction.ts'
import { createShareSteps } from '../../src/check/moves/share-steps.ts'
import type { StepTerms } from '../../src/check/moves/step-draft.ts'
import { partsOf, policyOfModel } from '../../src/check/parts.ts'
import { active, pack, Share, waiting, wordsPerShare } from '../../src/check/state/share.ts'
import { nowhere, stopped } from '../../src/check/state/task-position.ts'
import { everyState } from './every-state.ts'

type IsPassed = ReturnType<typeof createIsPassed>

interface Step {
  readonly share: Share
  readonly terms: StepTerms
}

const statesMost = 60_000
/** Shares that are looked at, spread over all that were found. */
const sharesMost = 2_000

/** The model's parts, when many of its states have been found. */
const exploredParts = (model: Model) => {
  const parts = partsOf(model)
  everyState(parts, statesMost)
  return parts
}

/** How many shares are passed, and what is wrong with passing them. */
const passedIn = (
  model: Model,
  replacement?: IsPassed,
  most = sharesMost,
): { readonly passed: number; readonly wrong: Set<string> } => {
  const { core, shares } = exploredParts(model)
  const horizons = horizonsOf(policyOfModel(model), model)
  const steps = createShareSteps(model, core, horizons)
  const isPassed = replacement ?? createIsPassed(model, core, horizons)
  const wrong = new Set<string>()
  let passed = 0

  const collected = (which: 'stepsOf' | 'functionStepsOf', share: Share, misfortunes: boolean): Map<string, Step> => {
    const all = new Map<string, Step>()
    steps[which](share, misfortunes, (after, { type, subject, copies, code }, terms) => {
      const name = `${type} ${subject} ${copies} ${code} ${terms.cost} ${terms.guard}`
      all.set(name, { share: new Share().copyFrom(after), terms: { ...terms } })
    })
    return all
  }

  const look = (share: Share, misfortunes: boolean): void => {
    const own = collected('functionStepsOf', share, misfortunes)
    const others = [...collected('stepsOf', share, misfortunes)].filter(([name]) => !own.has(name))
    const { call } = core.asking(Math.max((share.handlers[0]?.invocation ?? 0) - 1, 0))
    const say = (what: string): void => void wrong.add(`${call.type}: ${what}`)
    if (steps.tick(share, new Share())) say('the clock may move')
    if ([...own.values()].filter(({ terms }) => terms.cost === 0).length !== 1) say('not one step without a misfortune')
    for (const each of own.values()) {
      if (tasksHealthyCount(each.share) !== tasksHealthyCount(share)) say('the floor sees it')
      if (tasksOccupyingCount(each.share) !== tasksOccupyingCount(share)) say('the ceiling sees it')
      if (tasksKeptCount(each.share) > tasksKeptCount(share)) say('it keeps others from a place')
    }
    for (const [name, other] of others) {
      if (!isPassed(other.share, misfortunes)) say(`not passed any more after ${name}`)
      const later = collected('functionStepsOf', other.share, misfortunes)
      if (later.size !== own.size) say(`something else can happen after ${name}`)
      for (const [step, { share: oneEnd, terms }] of later) {
        const sooner = own.get(step)
        const end = sooner && collected('stepsOf', sooner.share, misfortunes).get(name)
        if (end === undefined) say(`${name} and ${step} in one order only`)
        else if (wordsOf(end.share) !== wordsOf(oneEnd)) say(`${name} and ${step} end differently`)
        else if (judgedIn(end) !== judgedIn(other)) say(`${name} is judged otherwise after ${step}`)
        if (terms.violation !== 0 && sooner?.terms.violation !== terms.violation)
          say(`${step} breaks a promise later only`)
      }
    }
  }

  const stride = Math.ceil(shares.size() / most)
  for (let share = 0; share < shares.size(); share += stride) {
    for (const misfortunes of [false, true]) {
      if (!isPassed(shares.unpacked(share), misfortunes)) continue
      passed += 1
      look(shares.unpacked(share), misfortunes)
    }
  }
  return { passed, wrong }
}

const wordsOf = (share: Share): string => {
  const words = new Int32Array(wordsPerShare)
  pack(share, words, 0)
  return words.join()
}

const judgedIn = ({ terms }: Step): string => `${terms.violation} ${terms.excuses}`

const isAtWork: IsPassed = ({ handlers }) => handlers[0]?.invocation !== 0

describe('a share that is passed', () => {
  test.each(models.filter(({ handlers }) => handlers === 1))(
    'is left the same way by whoever is first: $name',
    { timeout: 240_000 },
    (model) => {
      const { passed, wrong } = passedIn(model)
      expect([...wrong]).toEqual([])
      expect(passed).toBeGreaterThan(100)
    },
  )

  test.each(models.filter(({ handlers }) => handlers > 1))('does not exist where functions meet: $name', (model) => {
    expect(passedIn(model).passed).toBe(0)
  })

  test('is not every one at which a function is at work', () => {
    const { wrong } = passedIn(models.find(({ name }) => name === 'all-faults') as Model, isAtWork, 4_000)
    const calls = [...wrong].map((each) => each.split(':')[0])
    expect(calls).toEqual(expect.arrayContaining(['ListTasks', 'DescribeTasks', 'DescribeContainerInstances']))
  })

  test('is none at which a task may still come that a completion must not miss', () => {
    const model = models.find(({ name }) => name === 'all-faults') as Model
    const { core, shares } = exploredParts(model)
    const isPassed = createIsPassed(model, core, horizonsOf(policyOfModel(model), model))
    const passedWhere = (change: (share: Share) => void): ReadonlyArray<string> => {
      const calls = new Set<string>()
      for (let each = 0; each < shares.size(); each += 1) {
        const share = shares.unpacked(each)
        const [handler] = share.handlers
        if (handler === undefined || handler.invocation === 0 || handler.loading) continue
        const { call } = core.asking(handler.invocation - 1)
        change(share)
        if (isPassed(share, false)) calls.add(call.type)
      }
      return [...calls].filter((type) => needsAll.includes(type)).toSorted()
    }
    const needsAll = ['CompleteLifecycleAction', 'ListTasks', 'UpdateContainerInstancesState']
    expect(passedWhere((share) => share.tasks.fill(stopped))).toEqual(needsAll)
    const roomForOne = (share: Share): void => {
      share.life = waiting
      share.status = active
      share.tasks.fill(stopped)
      share.tasks[0] = nowhere
    }
    expect(passedWhere(roomForOne)).toEqual([])
  })
})
