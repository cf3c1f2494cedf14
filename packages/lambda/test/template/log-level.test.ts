// The level that a template offers is the one that the log has, and metrics, which are lines of the log, are there at any level.
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Level } from '../../src/drain-line.ts'
import { readEnvironment } from '../../src/environment.ts'
import { powertoolsLog } from '../../src/function-log.ts'
import { powertoolsMetrics } from '../../src/function-metrics.ts'
import { context } from '../support/invoked.ts'
import { resolveTemplate, someParameters } from './resolve.ts'
import { type Json, loadTemplate, type TemplateName, textOf, valueAt } from './template.ts'

const parametersOf = {
  ...someParameters,
  smallest: { ClusterName: 'production', GroupName: 'web', CodeBucket: 'code', CodeKey: 'zip' },
}

/** A line of the log, as far as it matters here. */
interface Line {
  readonly level?: string
  readonly message?: string
  readonly _aws?: object
}

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']

/**
 * What Lambda makes of a LoggingConfig (AWS: Lambda developer guide, "Log-level filtering"): with the format JSON it has a level, INFO
 * if none is named, tells the runtime, and drops what is below. A line that names no level, as those of metrics, is INFO to it.
 */
const filterOf = (config: Json | undefined): string | null =>
  valueAt(config, 'LogFormat') === 'JSON' ? textOf(valueAt(config, 'ApplicationLogLevel') ?? 'INFO') : null

const arrives = ({ level = 'INFO' }: Line, filter: string | null): boolean =>
  filter === null || levels.indexOf(level) >= levels.indexOf(filter)

/** What is in the log group after a line of each level and a metric. */
const loggedBy = (name: TemplateName, parameters: Readonly<Record<string, string>> = {}) => {
  const { resources } = resolveTemplate(loadTemplate(name), { ...parametersOf[name], ...parameters })
  const properties = resources['Function']?.properties
  const filter = filterOf(valueAt(properties, 'LoggingConfig'))
  const text = JSON.stringify(valueAt(properties, 'Environment', 'Variables'))
  const variables = JSON.parse(text.replace('<Inbox>', 'https://sqs.eu-central-1.amazonaws.com/1/inbox')) as object
  const read = readEnvironment({
    AWS_REGION: 'eu-central-1',
    ...variables,
    ECS_DRAIN_CLUSTERS: 'c',
    ECS_DRAIN_TABLE: 'table',
  })
  if (read._tag === 'Left') throw new Error(read.left.join('\n'))
  if (filter !== null) vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', filter)

  let written = ''
  const write = (chunk: string | Uint8Array): boolean => {
    written += String(chunk)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(write)
  vi.spyOn(process.stderr, 'write').mockImplementation(write)
  const log = powertoolsLog({ logLevel: read.right.logLevel })
  log.begin(context)
  for (const each of ['debug', 'info', 'warn', 'error'] satisfies ReadonlyArray<Level>) {
    log.write({ level: each, message: 'a line', fields: {} })
  }
  powertoolsMetrics().publish([{ metric: 'drainsForced', value: 1 }])
  vi.restoreAllMocks()

  const lines = written.trimEnd().split('\n')
  const arrived = lines.map((line) => JSON.parse(line) as Line).filter((line) => arrives(line, filter))
  return {
    levels: arrived.flatMap((line) => (line.message === 'a line' ? [line.level] : [])),
    metrics: arrived.filter((line) => '_aws' in line).length,
  }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

describe.each(['template', 'attach'] as const)('%s.yaml', (name) => {
  test.each(loadTemplate(name).Parameters['LogLevel']?.AllowedValues ?? [])('LogLevel %s', (level) => {
    const expected = ['DEBUG', 'INFO', 'WARN', 'ERROR'].filter(
      (each) => levels.indexOf(each) >= levels.indexOf(`${level}`),
    )
    expect(loggedBy(name, { LogLevel: `${level}` })).toEqual({ levels: expected, metrics: 1 })
  })
})

test('smallest.yaml: INFO, unless the function is told otherwise', () => {
  expect(loggedBy('smallest')).toEqual({ levels: ['INFO', 'WARN', 'ERROR'], metrics: 1 })
})
