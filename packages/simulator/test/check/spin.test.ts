// A second explorer, which is not ours, finds as many states and as many transitions.
import { describe, expect, test } from 'vitest'
import type { Model } from '../../src/check/model.ts'
import { models } from '../../src/check/models.ts'
import { countsOf, promelaOf } from './promela.ts'
import { hasSpin, verifierOf } from './spin.ts'

const modelNamed = (name: string): Model => models.find((each) => each.name === name) as Model

// Not on every machine: `apt-get install spin gcc` brings it.
describe.skipIf(!hasSpin())('Spin agrees on the number of states and transitions', () => {
  test.each(['two-instances', 'heartbeats'])('%s', { timeout: 240_000 }, (name) => {
    const model = modelNamed(name)
    const { states, transitions } = verifierOf(promelaOf(model))()
    // Spin counts the step into the first state as well.
    expect({ states, transitions: transitions - 1 }).toEqual(countsOf(model))
  })
})
