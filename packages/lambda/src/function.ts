/**
 * The function as it is deployed: what is slow or can be wrong happens here, once per execution environment. An environment
 * that is not as it must be fails at start, with all that is wrong in the log.
 */
import { awsPorts } from '@ecs-drain/aws-adapter'
import * as E from 'fp-ts/Either'
import { callTally } from './call-tally.ts'
import { type Configuration, readEnvironment } from './environment.ts'
import { powertoolsLog } from './function-log.ts'
import { powertoolsMetrics } from './function-metrics.ts'
import { createHandler, type DrainHandler } from './handler.ts'
import { timeLimit } from './time-limit.ts'

const configured = (): Configuration => {
  const configuration = readEnvironment(process.env)
  if (E.isLeft(configuration)) throw new Error(`ecs-drain cannot start:\n${configuration.left.join('\n')}`)
  return configuration.right
}

const start = ({ policy, logLevel, ...places }: Configuration): DrainHandler => {
  const calls = callTally()
  const time = timeLimit()
  const ports = awsPorts({ ...places, onCall: calls.note, cutOff: time.signalOf })
  const log = powertoolsLog({ logLevel })
  return createHandler({ ports, policy, log, metrics: powertoolsMetrics(), calls, time })
}

/** What Lambda calls: `index.handler` of the bundle. */
export const handler: DrainHandler = start(configured())
