// Timeouts nest: what is inside must end before what is around it gives up. docs/decisions/0004 has the sweep's part.
import { readFileSync } from 'node:fs'
import { clientDefaults } from '@ecs-drain/aws-adapter'
import { describe, expect, test } from 'vitest'
import { cutOffBefore, partMost } from '../../src/time-limit.ts'
import { resolveTemplate, someParameters } from './resolve.ts'
import { type JsonObject, loadTemplate, valueAt } from './template.ts'

const { attemptsMax, connectionTimeoutMs, requestTimeoutMs } = clientDefaults
/** All attempts of one call, the waits between them included: a second after the first, two after the second, at most. */
const callSecondsMost = (attemptsMax * (connectionTimeoutMs + requestTimeoutMs)) / 1000 + 2 ** (attemptsMax - 1) - 1

/** Auto Scaling ends a lifecycle action after min(48 hours, 100 x HeartbeatTimeout). */
const globalTimeout = (heartbeat: number): number => Math.min(172_800, 100 * heartbeat)

const sweepSeconds = ['Environment', 'Variables', 'ECS_DRAIN_SWEEP_SECONDS']

const propertiesOf = (name: 'template' | 'attach', resource: string, parameters = {}): JsonObject => {
  const found = resolveTemplate(loadTemplate(name), { ...someParameters[name], ...parameters }).resources[resource]
  if (found === undefined) throw new Error(`no ${resource}`)
  return found.properties
}

describe.each(['template', 'attach'] as const)('%s.yaml', (name) => {
  const { HeartbeatSeconds, SweepMinutes } = loadTemplate(name).Parameters
  const heartbeatLeast = HeartbeatSeconds?.MinValue ?? 0
  const functionTimeout = Number(propertiesOf(name, 'Function')['Timeout'])
  const events = propertiesOf(name, 'Events')
  const inbox = propertiesOf(name, 'Inbox')
  const visibility = Number(inbox['VisibilityTimeout'])
  const maxReceiveCount = valueAt(inbox, 'RedrivePolicy', 'maxReceiveCount')

  test('all attempts of a call < the function, twice over', () => {
    expect(callSecondsMost).toBeGreaterThan(1)
    expect(2 * callSecondsMost).toBeLessThan(functionTimeout)
  })

  test('the longest wait of the SDK before another attempt < what the function keeps to end, twice over', () => {
    const { calls, eventStore } = cutOffBefore
    const waitMost = 1000 * 2 ** (attemptsMax - 2)
    expect(calls - eventStore).toBeGreaterThan(waitMost)
    expect(eventStore).toBeGreaterThan(waitMost)
    expect(calls).toBeLessThan(1000 * functionTimeout * partMost)
  })

  test('the function < visibility, six times over and the batching window', () => {
    expect(6 * functionTimeout + Number(events['MaximumBatchingWindowInSeconds'])).toBeLessThanOrEqual(visibility)
  })

  test('docs/deploy.md has these figures', () => {
    const page = readFileSync(new URL('../../../../docs/deploy.md', import.meta.url), 'utf8')
    expect(page).toContain(`| one call to AWS, all attempts | ${callSecondsMost} s at most |`)
    expect(page).toContain(
      `| the function | ${functionTimeout} s | two such calls; ${cutOffBefore.calls / 1000} s before its end it begins none,`,
    )
    expect(page).toContain(`| visibility of a message | ${visibility} s |`)
    expect(page).toContain(`| the sweep | ${SweepMinutes?.Default} min |`)
    expect(page).toContain(`| the hook's heartbeat | ${Number(HeartbeatSeconds?.Default) / 60} min or more |`)
  })

  test('what failed comes back before the longest sweep', () => {
    const sweeps = (SweepMinutes?.AllowedValues ?? []).map((minutes) => 60 * Number(minutes))
    expect(visibility).toBeLessThan(Math.max(...sweeps))
  })

  test('visibility < half the shortest heartbeat, so that a crash costs no host', () => {
    expect(2 * visibility).toBeLessThan(heartbeatLeast)
    expect(HeartbeatSeconds?.Default).toBeGreaterThanOrEqual(heartbeatLeast)
  })

  test('all deliveries of a message < the life of a lifecycle action, and of a message in the queue', () => {
    expect(Number(maxReceiveCount) * visibility).toBeLessThan(globalTimeout(heartbeatLeast))
    expect(Number(maxReceiveCount) * visibility).toBeLessThan(Number(inbox['MessageRetentionPeriod']))
  })

  test('SQS takes batches of 10 at most without a window of their own', () => {
    expect(events['BatchSize']).toBe(10)
    expect(events['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures'])
  })

  test.each(SweepMinutes?.AllowedValues ?? [])(
    'sweeps every %s minutes: told right, three in a heartbeat',
    (minutes) => {
      const parameters = { SweepMinutes: `${minutes}` }
      const told = Number(valueAt(propertiesOf(name, 'Function', parameters), ...sweepSeconds))
      expect(told).toBe(60 * Number(minutes))
      const unit = minutes === '1' ? 'minute' : 'minutes'
      expect(propertiesOf(name, 'SweepRule', parameters)['ScheduleExpression']).toBe(`rate(${minutes} ${unit})`)
      expect(3 * told).toBeLessThanOrEqual(heartbeatLeast)
    },
  )

  test('the alarm for messages that wait is not about one that fails: SQS counts none that was received three times', () => {
    const { Threshold, AlarmDescription } = propertiesOf(name, 'InboxAgeAlarm')
    const delayMost = 900
    expect(delayMost + 2 * visibility).toBeLessThan(Number(Threshold))
    expect(AlarmDescription).toContain('half an hour')
    expect(AlarmDescription).not.toContain('fail')
  })

  test('the alarm for silence waits for two sweeps, and comes a sweep before the shortest hook lets go what they keep', () => {
    const { Period, EvaluationPeriods, AlarmDescription } = propertiesOf(name, 'SilenceAlarm')
    const sweepMost = Math.max(...(SweepMinutes?.AllowedValues ?? []).map((minutes) => 60 * Number(minutes)))
    const silence = Number(Period) * Number(EvaluationPeriods)
    expect(silence).toBeGreaterThanOrEqual(2 * sweepMost)
    expect(silence + sweepMost).toBeLessThanOrEqual(heartbeatLeast)
    expect(AlarmDescription).toContain(`${silence / 60} minutes`)
  })
})

test('smallest.yaml: the function < half the heartbeat, three sweeps in a heartbeat', () => {
  const { resources } = resolveTemplate(loadTemplate('smallest'), {
    ClusterName: 'production',
    GroupName: 'web',
    CodeBucket: 'code',
    CodeKey: 'zip',
  })
  const heartbeat = Number(resources['Hook']?.properties['HeartbeatTimeout'])
  const timeout = Number(resources['Function']?.properties['Timeout'])
  expect(2 * callSecondsMost).toBeLessThan(timeout)
  expect(2 * timeout).toBeLessThan(heartbeat)
  expect(3 * Number(valueAt(resources['Function']?.properties, ...sweepSeconds))).toBeLessThanOrEqual(heartbeat)
  expect(resources['SweepRule']?.properties['ScheduleExpression']).toBe('rate(1 minute)')
})
