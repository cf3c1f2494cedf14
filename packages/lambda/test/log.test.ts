// What is really written, line by line, by Powertools: what people search for, and what must never be there.
import { encodeWakeUp, seconds } from '@ecs-drain/core'
import { at, lifecycleAction, ScriptedWorld, stoppedTask, task, taskNumber, theStream } from '@ecs-drain/core/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fixture, withDetail } from '../../core/test/support/fixtures.ts'
import { taskStateChange, termination } from '../../core/test/support/payloads.ts'
import { portsOver } from '../../core/test/support/ports-over.ts'
import { snsDocument, sqsBatch } from '../../core/test/support/ways.ts'
import { withoutPayload } from '../src/drain-line.ts'
import { powertoolsLog } from '../src/function-log.ts'
import { powertoolsMetrics } from '../src/function-metrics.ts'
import { createHandler } from '../src/handler.ts'
import { metricNames, metricNamespace, serviceName } from '../src/metric-names.ts'
import { context, policy } from './support/invoked.ts'

type Written = Readonly<Record<string, unknown>>

let written = ''
beforeEach(() => {
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const lines = (): ReadonlyArray<Written> =>
  written
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Written)
const logged = (): ReadonlyArray<Written> => lines().filter((line) => !('_aws' in line))
const published = (): ReadonlyArray<Written> => lines().filter((line) => '_aws' in line)

const handlerOver = (world: ScriptedWorld, ...options: Parameters<typeof powertoolsLog>) =>
  createHandler({ ports: portsOver(world), policy, log: powertoolsLog(...options), metrics: powertoolsMetrics() })

const waiting = (): ScriptedWorld => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  return world
}

test('a line says what was decided, in which drain, and by which invocation', async () => {
  await handlerOver(waiting())(sqsBatch(termination(lifecycleAction(), at(0))), context)
  expect(logged()[0]).toEqual({
    level: 'INFO',
    message: 'DrainRequested',
    timestamp: expect.any(String),
    service: 'ecs-drain',
    cold_start: false,
    function_arn: context.invokedFunctionArn,
    function_memory_size: '256',
    function_name: 'ecs-drain',
    function_request_id: context.awsRequestId,
    sampling_rate: 0,
    stream: theStream,
    drain: '00000000-0000-4000-8000-000000000001',
    version: expect.any(Number),
    ec2Instance: 'i-00000000000000001',
    group: 'web-hosts',
    hook: 'drain',
    clusters: ['web'],
    toWarmPool: false,
  })
})

test('the first invocation of an environment is marked, in the log and as a metric', async () => {
  vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand')
  const world = waiting()
  const handler = handlerOver(world)
  await handler(sqsBatch(termination(lifecycleAction(), at(0))), context)
  expect(new Set(logged().map((line) => line['cold_start']))).toEqual(new Set([true]))
  expect(published().filter((line) => 'ColdStart' in line)).toHaveLength(1)
  written = ''
  world.advance(seconds(6))
  await handler(sqsBatch(encodeWakeUp(theStream, 1)), context)
  expect(new Set(logged().map((line) => line['cold_start']))).toEqual(new Set([false]))
  expect(published().filter((line) => 'ColdStart' in line)).toEqual([])
})

describe('a metric', () => {
  interface Directive {
    readonly Namespace: string
    readonly Dimensions: ReadonlyArray<ReadonlyArray<string>>
    readonly Metrics: ReadonlyArray<{ readonly Name: string; readonly Unit: string }>
  }
  const directives = (): ReadonlyArray<Directive> =>
    published().flatMap(
      (line) => (line['_aws'] as { readonly CloudWatchMetrics: ReadonlyArray<Directive> }).CloudWatchMetrics,
    )

  test('has the namespace, name, unit and dimensions that are promised, and a value under each', async () => {
    vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand')
    const world = waiting()
    const handler = handlerOver(world)
    world.fail('DescribeLifecycleHooks', { type: 'AccessDenied', message: 'allow it' })
    world.fail('UpdateContainerInstancesState', { type: 'Throttled', message: 'Rate exceeded' })
    await handler(sqsBatch(termination(lifecycleAction(), at(0)), '{"half'), context)
    world.advance(seconds(6))
    await handler(sqsBatch(encodeWakeUp(theStream, 1)), context)
    world.advance(seconds(6))
    await handler(sqsBatch(encodeWakeUp(theStream, 2)), context)
    world.advance(seconds(6))
    await handler(JSON.parse(JSON.stringify(fixture('scheduled-event'))), context)
    world.stop(taskNumber(1))
    await handler(sqsBatch(taskStateChange(stoppedTask(1, { version: task(1).version + 1 }))), context)
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])

    const known = new Map<string, (typeof metricNames)[keyof typeof metricNames]>(
      Object.values(metricNames).map((metric) => [metric.name, metric]),
    )
    for (const { Namespace, Dimensions, Metrics } of directives()) {
      expect(Namespace).toBe(metricNamespace)
      for (const { Name, Unit } of Metrics) {
        expect({ Name, Unit, Dimensions }).toEqual({
          Name,
          Unit: known.get(Name)?.unit,
          Dimensions: known.get(Name)?.dimensions,
        })
      }
    }
    const names = new Set(directives().flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)))
    // A deadline, a hook that timed out and a message that failed are in handler.test.ts.
    const notHere = ['DrainsForced', 'DrainsExpired', 'FailedMessages']
    expect([...names].toSorted()).toEqual([...known.keys()].filter((name) => !notHere.includes(name)).toSorted())
    for (const line of published()) for (const key of Object.keys(line)) expect(line[key]).not.toBe('')
  })

  test('goes where Powertools is told to', async () => {
    vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Elsewhere')
    vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'drains-of-team-a')
    await handlerOver(waiting())(sqsBatch(termination(lifecycleAction(), at(0))), context)
    expect(new Set(directives().map(({ Namespace }) => Namespace))).toEqual(new Set(['Elsewhere']))
    expect(new Set(published().map((line) => line['service']))).toEqual(new Set(['drains-of-team-a']))
    expect(new Set(logged().map((line) => line['service']))).toEqual(new Set(['drains-of-team-a']))
  })

  test('goes where alarms look for it where Powertools is told nothing: a template leaves a variable empty', async () => {
    vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', '')
    vi.stubEnv('POWERTOOLS_SERVICE_NAME', '')
    await handlerOver(waiting())(sqsBatch(termination(lifecycleAction(), at(0))), context)
    expect(new Set(directives().map(({ Namespace }) => Namespace))).toEqual(new Set([metricNamespace]))
    expect(new Set(published().map((line) => line['service']))).toEqual(new Set([serviceName]))
    expect(new Set(logged().map((line) => line['service']))).toEqual(new Set([serviceName]))
  })
})

describe('a secret never gets into the log', () => {
  const secret = 'hunter2-5f4dcc3b5aa765d61d8327deb882cf99'
  const number = 4_111_111_111_111_111

  /** Everything that can go through the function with a secret in it, at the most talkative level. */
  const told: ReadonlyArray<readonly [string, string]> = [
    ['metadata', termination(lifecycleAction(), at(0)).replace('a note to myself', secret)],
    [
      'metadata that names a cluster',
      termination(lifecycleAction(), at(0)).replace('"a note to myself"', JSON.stringify(`{"cluster":"${secret}"}`)),
    ],
    [
      'overrides, reasons, environment and group of a task',
      JSON.stringify(
        withDetail('task-state-change-stopped', {
          ...(JSON.parse(taskStateChange(stoppedTask(1, { version: 99 }))) as { detail: object }).detail,
          overrides: { containerOverrides: [{ name: 'web', environment: [{ name: 'PASSWORD', value: secret }] }] },
          stoppedReason: secret,
          startedBy: secret,
          containers: [{ name: secret, reason: secret, exitCode: number }],
          group: `family:${secret}`,
        }),
      ),
    ],
    ['a status that does not exist', taskStateChange({ ...stoppedTask(2), lastStatus: secret, desiredStatus: secret })],
    ['a field of the wrong type', JSON.stringify(withDetail('task-state-change-stopped', { version: secret }))],
    ['an id that is none', JSON.stringify(withDetail('task-state-change-stopped', { taskArn: secret }))],
    [
      'a number where text is expected',
      JSON.stringify(withDetail('task-state-change-stopped', { lastStatus: number })),
    ],
    ['a message of a kind nobody reads', JSON.stringify({ source: secret, 'detail-type': secret, detail: { secret } })],
    ['an event of a group', JSON.stringify({ Event: secret, AutoScalingGroupName: secret })],
    ['text that is nothing', secret],
    ['JSON that is nothing', JSON.stringify({ [secret]: secret })],
    ['JSON that breaks off', `{"password":"${secret}`],
    ['an SNS document around it', JSON.stringify(snsDocument(JSON.stringify({ Event: 7, password: secret })))],
    ['a wake-up of something else', JSON.stringify({ 'ecs-drain': 'wake-up', stream: secret, hops: number })],
    ['quotation marks', JSON.stringify(withDetail('task-state-change-stopped', { version: `", got "${secret}` }))],
  ]

  test.each(told)('in %s', async (_where, body) => {
    const world = waiting()
    world.addInstance(2, [task(2)])
    const handler = handlerOver(world, { logLevel: 'DEBUG' })
    await handler(sqsBatch(termination(lifecycleAction(), at(0))), context)
    world.advance(seconds(6))
    await handler(sqsBatch(encodeWakeUp(theStream, 1)), context)
    await handler(sqsBatch(body), context)
    const direct: unknown = await handler(body, context).catch((error: unknown) => error)
    const said = written + String(direct) + JSON.stringify(direct)
    expect(logged().length).toBeGreaterThan(3)
    expect(said).not.toContain(secret)
    expect(said).not.toContain(String(number))
  })

  test('in the id of a message', async () => {
    const handler = handlerOver(waiting(), { logLevel: 'DEBUG' })
    await handler({ Records: [{ messageId: `${secret} ${secret}`, eventSource: 'aws:sqs', body: 'x' }] }, context)
    expect(logged()).toMatchObject([
      { message: 'Undecodable', messageId: `an id of ${secret.length * 2 + 1} characters` },
    ])
  })

  test('in the whole event, which Powertools would log if it were asked', async () => {
    vi.stubEnv('POWERTOOLS_LOGGER_LOG_EVENT', 'true')
    const body = termination(lifecycleAction(), at(0)).replace('a note to myself', secret)
    await handlerOver(waiting(), { logLevel: 'DEBUG' })(sqsBatch(body), context)
    expect(written).not.toContain(secret)
  })
})

test.each([
  ['a: expected x, got "b"', 'a: expected x, got a string of 1 characters'],
  ['a: expected x, got "b\\", got \\"c"', 'a: expected x, got a string of 10 characters'],
  ['a: expected x, got -1.5e+21', 'a: expected x, got a number'],
  ['a: expected x, got 17', 'a: expected x, got a number'],
  ['a: expected x, got nothing', 'a: expected x, got nothing'],
  ['a: expected x, got a list of 3', 'a: expected x, got a list of 3'],
  ['a: is not JSON', 'a: is not JSON'],
])('of %s is written %s', (line, expected) => {
  expect(withoutPayload(line)).toBe(expected)
})
