/** A handler over a scripted world, its log and its metrics kept. */
import type { PortOptions, Ports } from '@ecs-drain/core'
import { type ScriptedWorld, theCluster, theGroup, theHook } from '@ecs-drain/core/testing'
import type { Context } from 'aws-lambda'
import { portsOver } from '../../../core/test/support/ports-over.ts'
import type { Line } from '../../src/drain-line.ts'
import { createHandler, type DrainHandler, type HandlerOptions } from '../../src/handler.ts'
import type { Measurement } from '../../src/metric-names.ts'

export const policy = { hooks: [{ name: theHook, groups: [theGroup] }], clusters: [theCluster], spreadReads: 0 }

/** What Lambda hands over beside the event. */
export const context = {
  awsRequestId: '11111111-2222-4333-8444-555555555555',
  functionName: 'ecs-drain',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:ecs-drain',
  memoryLimitInMB: '256',
  getRemainingTimeInMillis: () => 45_000,
} as Context

export interface Invoked {
  readonly handler: DrainHandler
  readonly invoke: (event: unknown) => ReturnType<DrainHandler>
  readonly lines: Array<Line>
  readonly measurements: Array<Measurement>
  /** The values published of one metric. */
  readonly values: (metric: Measurement['metric']) => ReadonlyArray<number>
}

export const invokedOver = (
  world: ScriptedWorld,
  options: Partial<Pick<HandlerOptions, 'policy' | 'calls'>> & {
    readonly ports?: (ports: Ports) => PortOptions
  } = {},
): Invoked => {
  const lines: Array<Line> = []
  const measurements: Array<Measurement> = []
  const ports = portsOver(world)
  const { calls } = options
  const handler = createHandler({
    ...(calls === undefined ? {} : { calls }),
    ports: options.ports?.(ports) ?? ports,
    policy: options.policy ?? policy,
    log: { begin: () => undefined, write: (line) => lines.push(line) },
    metrics: { begin: () => undefined, publish: (published) => measurements.push(...published) },
  })
  return {
    handler,
    invoke: (event) => handler(event, context),
    lines,
    measurements,
    values: (metric) => measurements.filter((each) => each.metric === metric).map(({ value }) => value),
  }
}
