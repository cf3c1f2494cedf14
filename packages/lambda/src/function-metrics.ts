import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Context } from 'aws-lambda'
import { type Measurement, metricNames, metricNamespace, serviceName } from './metric-names.ts'

/** Where measurements are published. */
export interface FunctionMetrics {
  /** An invocation begins: the first of its environment is counted as a cold start. */
  readonly begin: (context: Context) => void
  /** Publishes what an invocation measured, which may be nothing. It must not throw. */
  readonly publish: (measurements: ReadonlyArray<Measurement>) => void
}

/** CloudWatch's embedded metric format, written to the log by AWS Lambda Powertools: no call, nothing to wait for. */
export const powertoolsMetrics = (): FunctionMetrics => {
  // Empty is the same as missing: Powertools would take names of its own, where no alarm looks.
  const metrics = new Metrics({
    namespace: process.env['POWERTOOLS_METRICS_NAMESPACE'] || metricNamespace,
    serviceName: process.env['POWERTOOLS_SERVICE_NAME'] || serviceName,
  })
  return {
    begin: ({ functionName }) => metrics.captureColdStartMetric(functionName),
    publish: (measurements) => {
      for (const [operation, group] of groupedByOperation(measurements)) {
        // One document has one value per dimension, so each operation gets its own, which counts for the sum as well.
        if (operation !== null) metrics.addDimensions({}).addDimensions({ operation })
        for (const { metric, value } of group) {
          const { name, unit } = metricNames[metric]
          metrics.addMetric(name, MetricUnit[unit], value)
        }
        metrics.publishStoredMetrics()
      }
    },
  }
}

const groupedByOperation = (
  measurements: ReadonlyArray<Measurement>,
): ReadonlyMap<string | null, ReadonlyArray<Measurement>> => {
  const groups = new Map<string | null, Array<Measurement>>()
  for (const measurement of measurements) {
    const key = measurement.operation ?? null
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [measurement])
    else group.push(measurement)
  }
  return groups
}
