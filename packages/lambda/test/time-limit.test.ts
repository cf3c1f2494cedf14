import { minutes, seconds } from '@ecs-drain/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { timeLimit } from '../src/time-limit.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const services = ['ecs', 'autoscaling', 'sqs', 'dynamodb']

/** When each service is cut off, counted from the beginning. */
const cutOffs = (left: number): ReadonlyArray<number> => {
  const time = timeLimit()
  const startedAt = Date.now()
  time.begin(left)
  const at = services.map(() => Number.NaN)
  services.forEach((service, index) => {
    time.signalOf(service).addEventListener('abort', () => {
      at[index] = Date.now() - startedAt
    })
  })
  vi.advanceTimersByTime(left)
  return at
}

test('calls are cut off five seconds before the end, and the event store later, so that it can be recorded what they came to', () => {
  expect(cutOffs(seconds(45))).toEqual([40_000, 40_000, 40_000, 42_500])
})

test('most of a short time is left to work in', () => {
  expect(cutOffs(seconds(4))).toEqual([3_000, 3_000, 3_000, 3_500])
})

test('each invocation has its own time, and is not cut off when that of the one before is up', () => {
  const time = timeLimit()
  expect(time.isUp()).toBe(false)
  time.begin(seconds(45))
  vi.advanceTimersByTime(minutes(5))
  expect(time.isUp()).toBe(true)
  time.begin(seconds(45))
  expect([time.isUp(), ...services.map((service) => time.signalOf(service).aborted)]).not.toContain(true)
  vi.advanceTimersByTime(seconds(30))
  const answered = time.signalOf('ecs')
  time.begin(seconds(45))
  vi.advanceTimersByTime(seconds(30))
  // A connection of a request that was answered may carry another by now.
  expect([time.isUp(), answered.aborted]).toEqual([false, false])
})
