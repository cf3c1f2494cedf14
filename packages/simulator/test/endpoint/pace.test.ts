// How virtual time goes by while real time does.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFlow, paceFrom } from '../../src/endpoint/pace.ts'
import type { Session } from '../../src/endpoint/session.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A world in which nothing happens. */
const idle = (): Session => {
  const world = { now: 0 }
  const advanceTo = (ms: number): void => {
    world.now = Math.max(world.now, ms)
  }
  return { world, advanceTo } as unknown as Session
}

test.each([
  ['stepped', 'stepped'],
  ['real', 1],
  ['0.5', 0.5],
  ['10000', 10_000],
  ['10001', undefined],
  ['0', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['', undefined],
])('the pace %j is %j', (text, pace) => {
  expect(paceFrom(text)).toBe(pace)
})

describe('time', () => {
  test('goes by itself, so many times as fast, from the start until it is stopped', () => {
    const session = idle()
    const flow = createFlow(session, 10)
    vi.advanceTimersByTime(500)
    flow.start()
    vi.advanceTimersByTime(100)
    expect(session.world.now).toBe(1000)
    flow.stop()
    vi.advanceTimersByTime(100)
    expect(session.world.now).toBe(1000)
  })

  test('is brought to the present between two ticks, and skips from there', () => {
    const session = idle()
    const flow = createFlow(session, 10)
    flow.start()
    vi.advanceTimersByTime(7)
    flow.catchUp()
    expect(session.world.now).toBe(70)
    flow.skip(5000)
    expect(session.world.now).toBe(5070)
    vi.advanceTimersByTime(13)
    expect(session.world.now).toBe(5200)
    flow.stop()
  })

  test('that is stepped moves by what it is told, and by nothing else', () => {
    const session = idle()
    const flow = createFlow(session, 'stepped')
    flow.start()
    vi.advanceTimersByTime(1000)
    flow.catchUp()
    flow.skip(20)
    flow.skip(30)
    flow.stop()
    expect(session.world.now).toBe(50)
  })
})
