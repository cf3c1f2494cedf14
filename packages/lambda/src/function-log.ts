import { Logger } from '@aws-lambda-powertools/logger'
import type { Context } from 'aws-lambda'
import type { Line } from './drain-line.ts'
import type { LogLevel } from './environment.ts'
import { serviceName } from './metric-names.ts'

/** Where lines are written. */
export interface FunctionLog {
  /** An invocation begins: its lines carry its request id and whether it is the first of its environment. */
  readonly begin: (context: Context) => void
  /** Writes one line. It must not throw. */
  readonly write: (line: Line) => void
}

/**
 * Lines of JSON by AWS Lambda Powertools, at the level of `POWERTOOLS_LOG_LEVEL` unless told otherwise. The event is never
 * logged, whatever `POWERTOOLS_LOGGER_LOG_EVENT` says.
 */
export const powertoolsLog = ({ logLevel = null }: { readonly logLevel?: LogLevel | null } = {}): FunctionLog => {
  const logger = new Logger({
    ...(logLevel === null ? {} : { logLevel }),
    serviceName: process.env['POWERTOOLS_SERVICE_NAME'] || serviceName,
  })
  return {
    begin: (context) => logger.addContext(context),
    write: ({ level, message, fields }) => logger[level](message, { ...fields }),
  }
}
