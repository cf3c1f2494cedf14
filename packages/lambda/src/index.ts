/**
 * The public entry, written name by name, for people who bundle a function of their own. The function as it is deployed
 * is `function.ts`, which nothing imports.
 */

export type { DirectAnswer } from './answer.ts'
export { NotHandledError } from './answer.ts'
export type { CallTally, CountedCall, OperationTally } from './call-tally.ts'
export { callTally } from './call-tally.ts'
export type { FieldValue, Level, Line } from './drain-line.ts'
export type { Configuration, EnvironmentVariable, LogLevel } from './environment.ts'
export { environmentVariables, readEnvironment } from './environment.ts'
export type { Explanation, Patience } from './explain/explanation.ts'
export { explain, explanationText } from './explain/explanation.ts'
export type { FunctionLog } from './function-log.ts'
export { powertoolsLog } from './function-log.ts'
export type { FunctionMetrics } from './function-metrics.ts'
export { powertoolsMetrics } from './function-metrics.ts'
export type { DrainHandler, HandlerOptions } from './handler.ts'
export { createHandler } from './handler.ts'
export type { Measurement, MetricKey, MetricName } from './metric-names.ts'
export { metricNames, metricNamespace, serviceName } from './metric-names.ts'
export type { PlatformAction } from './platform-actions.ts'
export { platformActions } from './platform-actions.ts'
export type { TimeLimit } from './time-limit.ts'
export { timeLimit } from './time-limit.ts'
