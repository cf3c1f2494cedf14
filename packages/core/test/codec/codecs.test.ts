import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { InstantFromEpochSeconds, InstantFromIso } from '../../src/codec/instants.ts'
import { Count, integerInRange } from '../../src/codec/integer-in-range.ts'
import { objectOf } from '../../src/codec/object-of.ts'
import { preview, report } from '../../src/codec/report.ts'
import { AutoScalingGroupName, ContainerInstanceArn, Ec2InstanceId, EcsTaskArn } from '../../src/identity/ids.ts'

const linesOf = (codec: t.Decoder<unknown, unknown>, value: unknown): ReadonlyArray<string> =>
  E.match(report, () => [] as ReadonlyArray<string>)(codec.decode(value))

describe('an ISO-8601 instant', () => {
  test.each<[string, number]>([
    ['2026-03-05T07:21:36Z', Date.UTC(2026, 2, 5, 7, 21, 36)],
    ['2026-03-05T07:21Z', Date.UTC(2026, 2, 5, 7, 21)],
    ['2026-03-05T07:21:36.5Z', Date.UTC(2026, 2, 5, 7, 21, 36, 500)],
    ['2025-05-12T13:11:44.98Z', Date.UTC(2025, 4, 12, 13, 11, 44, 980)],
    ['2026-03-05T07:21:36.533999999Z', Date.UTC(2026, 2, 5, 7, 21, 36, 533)],
    ['2026-03-05T09:21:36+02:00', Date.UTC(2026, 2, 5, 7, 21, 36)],
  ])('%s', (text, instant) => {
    expect(InstantFromIso.decode(text)).toEqual(E.right(instant))
  })

  test.each([
    '',
    'yesterday',
    '2026-03-05',
    '2026-03-05T07:21:36',
    '2026-13-05T07:21:36Z',
    '1772695296',
    ' 2026-03-05T07:21:36Z',
  ])('not %j', (text) => {
    expect(linesOf(InstantFromIso, text)).toEqual([`(root): expected an ISO-8601 instant, got ${JSON.stringify(text)}`])
  })

  test('what was written can be read', () => {
    const date = fc.date({
      noInvalidDate: true,
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
    })
    fc.assert(
      fc.property(date, (day) => {
        expect(InstantFromIso.decode(InstantFromIso.encode(day.getTime()))).toEqual(E.right(day.getTime()))
      }),
    )
  })

  test('only an instant that a date can hold is one', () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, '0'].some(InstantFromIso.is)).toBe(false)
  })
})

describe('seconds since the epoch', () => {
  test('to the millisecond', () => {
    expect(InstantFromEpochSeconds.decode(1_772_695_296.533)).toEqual(E.right(1_772_695_296_533))
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e306, '1772695296', null])('not %j', (value) => {
    expect(E.isLeft(InstantFromEpochSeconds.decode(value))).toBe(true)
  })

  test('what was written can be read', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e14, max: 1e14 }), (instant) => {
        expect(InstantFromEpochSeconds.decode(InstantFromEpochSeconds.encode(instant))).toEqual(E.right(instant))
      }),
    )
  })
})

describe('an integer', () => {
  test.each([0, 200])('%d is from 0 to 200', (value) => {
    expect(integerInRange(0, 200).decode(value)).toEqual(E.right(value))
  })

  test.each([-1, 201, 0.5, Number.NaN, '7', null])('%j is not', (value) => {
    expect(linesOf(integerInRange(0, 200), value)[0]).toMatch(/^\(root\): expected an integer from 0 to 200, got /)
  })

  test('a count has no upper end', () => {
    expect(linesOf(Count, -1)).toEqual(['(root): expected an integer of at least 0, got -1'])
  })
})

describe('ids', () => {
  test.each([
    'arn:aws:ecs:us-east-1:111122223333:container-instance/b54a2a04-046f-4331-9d74-3f6d7f6ca315',
    'arn:aws-us-gov:ecs:us-gov-west-1:111122223333:container-instance/my_cluster-1/d1d84798400f49f3b21cb61610c1e6b0',
    'arn:aws-cn:ecs:cn-north-1:111122223333:container-instance/c/d1d84798400f49f3b21cb61610c1e6b0',
  ])('%s', (arn) => {
    expect(ContainerInstanceArn.is(arn)).toBe(true)
    expect(EcsTaskArn.is(arn)).toBe(false)
    expect(EcsTaskArn.is(arn.replace('container-instance', 'task'))).toBe(true)
  })

  test.each(['i-f3a8506b', 'i-0598c7d356eba48d7'])('%s', (id) => {
    expect(Ec2InstanceId.is(id)).toBe(true)
  })

  test.each(['i-', 'i-0598C7D356EBA48D7', 'mi-0598c7d356eba48d7', 'i-0598c7d356eba48d7\n', 'i-0598c7d356eba48d70'])(
    'not %j',
    (id) => {
      expect(Ec2InstanceId.is(id)).toBe(false)
    },
  )

  test('a group may be named almost anything', () => {
    expect(['web', 'web/blue (1) é', 'x'.repeat(255)].every(AutoScalingGroupName.is)).toBe(true)
    expect(['', 'x'.repeat(256), 'a\nb'].some(AutoScalingGroupName.is)).toBe(false)
  })
})

describe('an object', () => {
  const Inner = objectOf({ count: Count })
  const Outer = objectOf({ name: t.string, inner: Inner }, { items: t.array(Inner), note: t.string })

  test('yields its own named fields, and no others', () => {
    const text = '{"name":"a","inner":{"count":1,"b":2},"c":3,"__proto__":{"note":"x"},"items":[{"count":2,"d":4}]}'
    expect(Outer.decode(JSON.parse(text))).toEqual(E.right({ name: 'a', inner: { count: 1 }, items: [{ count: 2 }] }))
  })

  test('names every bad field, with its path', () => {
    expect(linesOf(Outer, { inner: { count: -1 }, items: [{ count: 0 }, {}, 7], note: null })).toEqual([
      'name: expected string, got nothing',
      'inner.count: expected an integer of at least 0, got -1',
      'items[1].count: expected an integer of at least 0, got nothing',
      'items[2]: expected an object, got 7',
      'note: expected string, got null',
    ])
  })

  test('is one of its own or none', () => {
    const value = { name: 'a', inner: { count: 1 } }
    expect(Outer.is(value)).toBe(true)
    expect([Object.create(value), { ...value, note: 7 }, { name: 'a' }, [], null].some(Outer.is)).toBe(false)
    expect(Outer.encode({ ...value, more: 1 } as typeof value)).toEqual(value)
  })

  test('an inherited required field counts as missing', () => {
    const Odd = objectOf({ toString: t.unknown, constructor: t.Function })
    expect(linesOf(Odd, {})).toEqual(['constructor: expected Function, got nothing'])
  })
})

describe('a report', () => {
  test('steps through unions and intersections without naming them', () => {
    const Codec = t.type({
      a: t.union([t.type({ b: t.string }), t.intersection([t.type({ c: t.number }), t.type({ d: t.null })])]),
    })
    expect(linesOf(Codec, { a: { c: 'x' } })).toEqual([
      'a.b: expected string, got nothing',
      'a.c: expected number, got "x"',
      'a.d: expected null, got nothing',
    ])
  })

  test("has a codec's own words where it has some", () => {
    const Even = new t.Type<number, number, unknown>(
      'even',
      (value): value is number => typeof value === 'number',
      (value, context) => t.failure(value, context, 'is odd'),
      t.identity,
    )
    expect(linesOf(t.type({ a: t.array(Even) }), { a: [7] })).toEqual(['a[0]: is odd'])
  })

  test('has at most twenty lines', () => {
    expect(
      linesOf(
        t.array(t.string),
        Array.from({ length: 100_000 }, () => 7),
      ).length,
    ).toBe(20)
  })

  test('of a dictionary names the key, also one that is empty, and no more of it than a reader can use', () => {
    const Counts = t.type({ counts: t.record(t.string, t.number) })
    const [ofEmpty, ofLong] = linesOf(Counts, { counts: { '': 'x', ['k'.repeat(100_000)]: 'y' } })
    expect(ofEmpty).toBe('counts.: expected number, got "x"')
    expect(ofLong).toBe(`counts.${'k'.repeat(60)}: expected number, got "y"`)
  })

  test('previews anything in at most a few hundred characters', () => {
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true }),
      fc.string({ maxLength: 100_000, unit: 'binary' }),
    )
    fc.assert(fc.property(value, (anything) => preview(anything).length <= 400))
    expect(preview(10n ** 1_000n).length).toBe(60)
    expect(preview(Symbol('x'))).toBe('Symbol(x)')
  })
})
