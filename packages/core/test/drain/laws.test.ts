import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drainLaws, eventTypes, sightingLaws, sightings, walks } from '../../src/testing/index.ts'

describe('of every life of a drain', () => {
  test.each(drainLaws.map(({ title, check }) => [title, check] as const))('%s', (_title, check) => {
    fc.assert(fc.property(walks(), check), { numRuns: 200 })
  })

  test('the random lives meet every event and every phase', () => {
    const steps = fc.sample(walks(), { numRuns: 1_000, seed: 1 }).flatMap((walk) => walk.steps)
    const met = new Set(steps.flatMap(({ events }) => events.map(({ type }) => type)))
    expect(eventTypes.filter((type) => !met.has(type))).toEqual([])
    expect([...new Set(steps.map(({ after }) => after.phase))].toSorted()).toEqual([
      'completing',
      'cordoning',
      'draining',
      'ended',
      'idle',
      'locating',
    ])
    const reasons = steps.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === 'CompletionDecided' ? [event.because] : [])),
    )
    expect(new Set(reasons)).toEqual(
      new Set(['drained', 'deadline', 'not-a-container-instance', 'container-instance-gone']),
    )
  })
})

describe('of every two lists of sightings', () => {
  const lists = fc.tuple(fc.array(sightings()), fc.array(sightings()))
  test.each(sightingLaws.map(({ title, check }) => [title, check] as const))('%s', (_title, check) => {
    fc.assert(fc.property(lists, check))
  })
})
