import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseClusterQuery, type QueriedInstance } from '../../src/endpoint/ecs/cluster-query.ts'

const instance = (given: Partial<QueriedInstance> = {}): QueriedInstance => ({
  agentConnected: true,
  agentVersion: '1.105.1',
  ec2InstanceId: 'i-0123456789abcdef0',
  registeredAt: Date.parse('2026-03-02T08:00:00Z'),
  runningTasksCount: 2,
  taskGroups: new Set(['service:web', 'family:batch']),
  attributes: new Map([
    ['ecs.availability-zone', 'eu-west-1a'],
    ['stack', undefined],
  ]),
  ...given,
})

describe('finds', () => {
  test.each([
    'ec2InstanceId == i-0123456789abcdef0',
    'ec2InstanceId==i-0123456789abcdef0',
    "ec2InstanceId equals 'i-0123456789abcdef0'",
    'ec2InstanceId in [i-1, i-0123456789abcdef0]',
    "ec2InstanceId in ['i-1','i-0123456789abcdef0']",
    'ec2InstanceId != i-1',
    'ec2InstanceId !in [i-1, i-2]',
    'ec2InstanceId not_in [i-1]',
    'ec2InstanceId =~ i-0.*',
    'ec2InstanceId !~ i-0',
    'ec2InstanceId =~ i\\-0.*',
    'ec2InstanceId =~ "[^x\\-z]-[\\d\\-a-f]+"',
    'attribute:ecs.availability-zone =~ eu\\-west\\-1\\w',
    'agentConnected == true',
    'agentVersion > 1.9.0',
    'agentVersion >= 1.105.1',
    'agentVersion < 2',
    'registeredAt >= 2026-03-02T08:00:00+00:00',
    'registeredAt >= 2026-03-02T10:00:00+02:00',
    'registeredAt > 2026-03-01',
    'registeredAt == 2026-03-02T08:00:00',
    'runningTasksCount > 1 and runningTasksCount <= 2',
    'runningTasksCount == 2',
    'task:group == service:web',
    'task:group == "family:batch"',
    'task:group != service:api',
    'not(task:group == service:api)',
    'attribute:stack exists',
    'attribute:color !exists',
    'attribute:color not_exists',
    'attribute:ecs.availability-zone in [eu-west-1a, eu-west-1b]',
    'attribute:ecs.availability-zone =~ eu-west-.*',
    'attribute:color != red',
    '(agentConnected == false or runningTasksCount == 2) and ec2InstanceId =~ i-.*',
    'agentConnected == false || runningTasksCount == 2 && agentConnected == true',
    '!(runningTasksCount == 0) && ! agentConnected == false',
    'runningTasksCount <= 10',
    'agentVersion > 1.105',
    'agentVersion <= 1.105.1.0',
    'task:group in [service:api, service:web]',
    'task:group =~ service:.*',
    'attribute:ecs.availability-zone > eu-west-1',
    'attribute:ecs.availability-zone > 1',
    'attribute:stack == ""',
    'registeredAt <= 2026-03-02T08:00:00.000Z',
    'registeredAt > 2026-03-02T07:59:59.5',
    `${'('.repeat(50)}agentConnected == true${')'.repeat(50)}`,
    `agentConnected == true${' '.repeat(3978)}`,
  ])('%s', (text) => {
    expect(parseClusterQuery(text)(instance())).toBe(true)
  })
})

describe('does not find', () => {
  test.each([
    'ec2InstanceId == i-0123456789abcdef',
    'ec2InstanceId =~ i-0',
    'agentVersion < 1.9.0',
    'agentConnected != true',
    'runningTasksCount < 2',
    'task:group == service:api',
    'attribute:color == red',
    'attribute:color < red',
    'not attribute:stack exists',
    'runningTasksCount == 2 and agentConnected == false',
    'agentConnected == false and agentConnected == true or agentConnected == false',
    'agentVersion > 1.105.1',
    'agentVersion > 1.105.1.0',
    'agentVersion <= 1.105.0',
    'attribute:color exists',
    'attribute:stack !exists',
    'task:group !in [service:api, service:web]',
    'task:group !~ service:.*',
    'registeredAt > 2026-03-02T08:00:00Z',
  ])('%s', (text) => {
    expect(parseClusterQuery(text)(instance())).toBe(false)
  })
})

describe('is refused', () => {
  test.each([
    ['', 'an expression is missing'],
    ['ec2InstanceId =~ i-\\p{XDigits}+', 'is not a regular expression'],
    ['color == red', 'there is no subject "color"'],
    ['attribute: == red', 'there is no subject "attribute:"'],
    ['__proto__ == x', 'there is no subject "__proto__"'],
    ['ec2InstanceId > i-1', 'has no operator ">"'],
    ['ec2InstanceId is i-1', 'has no operator "is"'],
    ['ec2InstanceId ==', 'an argument is missing'],
    ['ec2InstanceId == i-1 i-2', 'nothing was expected at "i-2"'],
    ['ec2InstanceId in i-1', '"in" expects a list'],
    ['ec2InstanceId in [i-1', 'a list is not closed'],
    ['(ec2InstanceId == i-1', 'a parenthesis is not closed'],
    ['ec2InstanceId =~ "("', 'is not a regular expression'],
    ['runningTasksCount > many', 'is not a number of tasks'],
    ['registeredAt > yesterday', 'is not a date'],
    ['registeredAt > 2026-13-40', 'is not a date'],
    ['registeredAt > 2026', 'is not a date'],
    ['registeredAt > March-2026-03-01', 'is not a date'],
    ['registeredAt > 2026-03-01T00:00', 'is not a date'],
    ['runningTasksCount > 1x', 'is not a number of tasks'],
    ['runningTasksCount > x1', 'is not a number of tasks'],
    ['xattribute:color == red', 'there is no subject "xattribute:color"'],
    ["  ec2InstanceId == 'i-1  ", `"'i-1" cannot be read`],
    ["ec2InstanceId == 'i-1", 'cannot be read'],
    ['ec2InstanceId == i-1 and', 'an expression is missing'],
    [`${'('.repeat(100)}agentConnected == true${')'.repeat(100)}`, 'nested deeper'],
    [`${'!'.repeat(100)}agentConnected == true`, 'nested deeper'],
    ['x'.repeat(4001), 'longer than'],
  ])('%s', (text, why) => {
    expect(() => parseClusterQuery(text)).toThrow(why)
    expect(() => parseClusterQuery(text)).toThrow(expect.objectContaining({ code: 'InvalidParameterException' }))
  })
})

/** A query and what it comes to, worked out beside it. */
const query: fc.Arbitrary<readonly [text: string, finds: (count: number) => boolean]> = fc.letrec<{
  readonly any: readonly [string, (count: number) => boolean]
}>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc
      .tuple(fc.constantFrom('==', '!=', '<', '>='), fc.nat({ max: 4 }))
      .map(([operator, n]): readonly [string, (count: number) => boolean] => [
        `runningTasksCount ${operator} ${n}`,
        (count) =>
          operator === '==' ? count === n : operator === '!=' ? count !== n : operator === '<' ? count < n : count >= n,
      ]),
    tie('any').map(([text, finds]): readonly [string, (count: number) => boolean] => [
      `not (${text})`,
      (count) => !finds(count),
    ]),
    fc
      .tuple(tie('any'), tie('any'))
      .map(([[a, findsA], [b, findsB]]): readonly [string, (count: number) => boolean] => [
        `(${a}) and (${b})`,
        (count) => findsA(count) && findsB(count),
      ]),
    fc
      .tuple(tie('any'), tie('any'))
      .map(([[a, findsA], [b, findsB]]): readonly [string, (count: number) => boolean] => [
        `((${a}) || (${b}))`,
        (count) => findsA(count) || findsB(count),
      ]),
  ),
})).any

test('and, or, not and parentheses are those of logic', () => {
  const seen = new Set<boolean>()
  fc.assert(
    fc.property(query, fc.nat({ max: 4 }), ([text, finds], runningTasksCount) => {
      const found = parseClusterQuery(text)(instance({ runningTasksCount }))
      seen.add(found)
      expect(found).toBe(finds(runningTasksCount))
    }),
    { numRuns: 500, seed: 2 },
  )
  expect(seen.size).toBe(2)
})

test('any text is read or refused, and nothing else is thrown', () => {
  const words = fc.constantFrom(
    'ec2InstanceId',
    '==',
    'in',
    '[',
    ']',
    '(',
    ')',
    ',',
    'and',
    'not',
    '!',
    'i-1',
    "'",
    '&&',
    '<',
    '=~',
    '.*',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((all) => all.join(' ')),
      ),
      (text) => {
        try {
          return typeof parseClusterQuery(text) === 'function'
        } catch (error) {
          return error instanceof Error && error.message.startsWith('The filter expression is not valid')
        }
      },
    ),
    { numRuns: 2000, seed: 1 },
  )
})
