// "No state is doomed" says that the end stays within reach. Here: nobody can put it off for ever, if all get their turn.

import { describe, expect, test } from 'vitest'
import type { CoreUnderCheck } from '../../src/check/core/core-under-check.ts'
import { explore } from '../../src/check/explore.ts'
import type { Model } from '../../src/check/model.ts'
import { modelNamed, mutatedCore } from './bundled.ts'
import { circlesIn } from './circles.ts'

describe('no drain is put off for ever, in', () => {
  test.each(['calm', 'foreign-hook', 'slow-functions', 'deadline-continue'])('%s', { timeout: 120_000 }, (name) => {
    expect(circlesIn(modelNamed(name)).map(({ size }) => size)).toEqual([])
  })
})

test('a drain that each sweep sets back has an end within reach, and may never come to it', {
  timeout: 60_000,
}, async () => {
  const setBack = await mutatedCore({
    file: 'drain/drain.ts',
    replace: 'return { ...drain, sweptAt: event.at }',
    by: "return drain.phase === 'draining' ? { ...drain, sweptAt: event.at, readSince: null, readAt: null } : drain",
  })
  const core = (await import(setBack.href)) as CoreUnderCheck
  const model: Model = {
    ...modelNamed('calm'),
    stopping: 'fewest',
    tasks: ['RUNNING'],
    taskSlots: 1,
    service: { desired: 1, floor: 1, ceiling: 2 },
  }
  expect(explore(model, { core }).outcome).toBe('holds')
  expect(circlesIn(model, core).length).toBeGreaterThan(0)
})
