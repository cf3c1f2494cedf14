import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf, digestOfAttributes } from '../../src/endpoint/sqs/digest.ts'
import { createQueue, type Letter, type Queue } from '../../src/endpoint/sqs/queue.ts'

const settings = { arn: 'arn:aws:sqs:eu-west-1:123456789012:x', visibilityTimeoutSeconds: 30, redrive: null }

const letter = (id: string, done = (): void => {}): Letter => ({ id, body: id, attributes: {}, sentAt: 0, done })

const ids = (queue: Queue, now: number, most = 10): ReadonlyArray<string> =>
  queue.receive(now, most, undefined).map((received) => received.letter.id)

describe('a queue', () => {
  test('hides what was received, and shows it again after the visibility timeout', () => {
    const queue = createQueue({ ...settings, name: 'x' })
    queue.put(letter('a'), 0)
    expect(ids(queue, 0)).toEqual(['a'])
    expect(queue.counts(1)).toEqual({ visible: 0, inFlight: 1, delayed: 0 })
    expect([ids(queue, 29_999), ids(queue, 30_000)]).toEqual([[], ['a']])
    expect(queue.nextAt(30_000)).toBe(60_000)
  })

  test('shows a delayed letter when it is due, and the oldest first', () => {
    const queue = createQueue({ ...settings, name: 'x' })
    queue.put(letter('late'), 5000)
    queue.put(letter('b'), 0)
    queue.put(letter('c'), 0)
    expect(queue.counts(0)).toEqual({ visible: 2, inFlight: 0, delayed: 1 })
    // What can be received now is no moment that is still to come.
    expect([queue.nextAt(4999), queue.nextAt(5000)]).toEqual([5000, null])
    expect([ids(queue, 0, 1), ids(queue, 0, 1), ids(queue, 0), ids(queue, 5000)]).toEqual([['b'], ['c'], [], ['late']])
  })

  test('deletes by the newest receipt only', () => {
    let gone = 0
    const queue = createQueue({ ...settings, name: 'x' })
    queue.put(
      letter('a', () => {
        gone += 1
      }),
      0,
    )
    const [first] = queue.receive(0, 1, undefined)
    const [second] = queue.receive(30_000, 1, undefined)
    expect([first?.receiveCount, second?.receiveCount, second?.firstReceivedAt]).toEqual([1, 2, 0])
    queue.remove(first?.receipt ?? '')
    expect([gone, queue.counts(30_000).inFlight]).toEqual([0, 1])
    queue.remove(second?.receipt ?? '')
    queue.remove(second?.receipt ?? '')
    expect([gone, ids(queue, 1_000_000)]).toEqual([1, []])
  })

  test('changes the visibility of what is in flight, and of nothing else', () => {
    const queue = createQueue({ ...settings, name: 'x' })
    queue.put(letter('a'), 0)
    const receipt = queue.receive(0, 1, undefined)[0]?.receipt ?? ''
    queue.changeVisibility(receipt, 100, 1000)
    expect([ids(queue, 100_999), queue.counts(100_999).inFlight]).toEqual([[], 1])
    queue.changeVisibility(receipt, 0, 2000)
    queue.changeVisibility(receipt, 5, 2000)
    expect(ids(queue, 2000)).toEqual(['a'])
    expect(() => queue.remove('nonsense')).toThrow('not valid')
    expect(() => createQueue({ ...settings, name: 'y' }).remove(receipt)).toThrow('not valid')
  })

  test('lets nothing wait any more for what was purged', () => {
    const gone: Array<string> = []
    const queue = createQueue({ ...settings, name: 'x' })
    for (const id of ['a', 'b'])
      queue.put(
        letter(id, () => gone.push(id)),
        0,
      )
    queue.purge(0)
    expect([gone, ids(queue, 0)]).toEqual([['a', 'b'], []])
  })

  test('is purged once in 60 seconds', () => {
    const queue = createQueue({ ...settings, name: 'x' })
    queue.purge(1000)
    queue.put(letter('a'), 1000)
    expect(() => queue.purge(60_999)).toThrow('Only one PurgeQueue operation on x is allowed every 60 seconds.')
    expect(ids(queue, 60_999)).toEqual(['a'])
    queue.purge(61_000)
    expect(ids(queue, 100_000)).toEqual([])
  })

  test('keeps a letter for four days after it was sent, here and as a dead letter', () => {
    const days = 86_400_000
    let gone = 0
    const dead = createQueue({ ...settings, name: 'dead' })
    const queue = createQueue({ ...settings, name: 'x', redrive: { to: dead, maxReceiveCount: 1 } })
    const sent = { ...letter('a', () => (gone += 1)), sentAt: 1 * days }
    queue.put(sent, 1 * days)
    queue.put({ ...sent, id: 'b' }, 1 * days)
    expect(ids(queue, 1 * days, 1)).toEqual(['a'])
    // The one that comes back goes to the other queue.
    expect(ids(queue, 5 * days - 1)).toEqual(['b'])
    expect(dead.counts(5 * days - 1).visible).toBe(1)
    expect([queue.counts(5 * days).inFlight, ids(dead, 5 * days)]).toEqual([0, []])
    expect(gone).toBe(2)
  })

  test('hides nothing for more than twelve hours after its last receive, and nothing that is not there', () => {
    const queue = createQueue({ ...settings, name: 'x' })
    queue.put(letter('a'), 0)
    ids(queue, 0)
    const receipt = queue.receive(30_000, 1, undefined)[0]?.receipt ?? ''
    expect(() => queue.changeVisibility(receipt, 43_200, 30_001)).toThrow('Total VisibilityTimeout')
    queue.changeVisibility(receipt, 43_200, 30_000)
    queue.changeVisibility(receipt, 1, 43_229_000)
    queue.remove(receipt)
    expect(() => queue.changeVisibility(receipt, 1, 43_229_000)).toThrow('does not exist')
  })

  test('hands a letter to the dead-letter queue when it was received too often', () => {
    const dead = createQueue({ ...settings, name: 'dead' })
    const queue = createQueue({ ...settings, name: 'x', redrive: { to: dead, maxReceiveCount: 2 } })
    let settled = 0
    queue.put(
      letter('a', () => {
        settled += 1
      }),
      0,
    )
    queue.put(letter('b'), 70_000)
    expect([ids(queue, 0), ids(queue, 30_000), ids(dead, 60_000)]).toEqual([['a'], ['a'], []])
    expect([ids(queue, 70_000), ids(dead, 70_000)]).toEqual([['b'], ['a']])
    expect(queue.counts(70_000).inFlight).toBe(1)
    expect(settled).toBe(1)
  })

  test('loses nothing: every letter is deleted, here, or dead', () => {
    type Step = { readonly do: 'put' | 'receive' | 'delete' | 'wait' }
    const step: fc.Arbitrary<Step> = fc.record({ do: fc.constantFrom('put', 'receive', 'delete', 'wait') })
    let everDead = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
        const dead = createQueue({ ...settings, name: 'dead' })
        const queue = createQueue({ ...settings, name: 'x', redrive: { to: dead, maxReceiveCount: 2 } })
        let [now, sent, gone] = [0, 0, 0]
        let receipts: Array<string> = []
        for (const each of steps) {
          if (each.do === 'put') {
            sent += 1
            queue.put(
              letter(`${sent}`, () => {
                gone += 1
              }),
              now,
            )
          } else if (each.do === 'receive')
            receipts.push(...queue.receive(now, 3, undefined).map(({ receipt }) => receipt))
          else if (each.do === 'wait') now += 31_000
          else {
            for (const receipt of receipts.slice(-1)) queue.remove(receipt)
            receipts = receipts.slice(0, -1)
          }
          // Dead letters are settled as well: nobody waits for what lies there.
          const held = Object.values(queue.counts(now)).reduce((sum, count) => sum + count, 0)
          expect(held + gone).toBe(sent)
        }
        everDead += dead.counts(now).visible
      }),
      { numRuns: 300, seed: 1 },
    )
    expect(everDead).toBeGreaterThan(0)
  })
})

test('digests are those that AWS documents', () => {
  expect(digestOf('This is a test message')).toBe('fafb00f5732ab283681e124bf8747ed1')
  expect(digestOfAttributes({})).toBeUndefined()
  // By the algorithm, worked out on paper: 00000001 61 00000006 String 01 00000001 62.
  expect(digestOfAttributes({ a: { DataType: 'String', StringValue: 'b' } })).toBe('bef8bf215374a0a228d67533b1a488be')
})
