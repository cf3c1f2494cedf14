/** The command line of `ecs-drain explain`: arguments in, options or what is wrong with them out. */
import { Ec2InstanceId, type StreamId, streamOf } from '@ecs-drain/core'
import { type Asked, asksForHelp, parsedArgs } from '../command-line.ts'

/** What the user wants to know. */
export interface ExplainOptions {
  /** Null: all that are open. */
  readonly stream: StreamId | null
  readonly table: string
  readonly region: string
  /** Null: AWS's own. */
  readonly endpoint: string | null
  readonly json: boolean
}

const config = {
  table: { type: 'string' },
  region: { type: 'string' },
  'endpoint-url': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Every problem at once, each a line that begins with the option. */
export const readExplainOptions = (
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>,
): Asked<ExplainOptions> => {
  if (asksForHelp(args)) return { type: 'help' }
  const understood = parsedArgs({ args: [...args], options: config, allowPositionals: true })
  if (typeof understood === 'string') return { type: 'bad-input', lines: [understood] }
  const { values, positionals } = understood
  const [instance, ...more] = positionals
  const table = values.table ?? environment['ECS_DRAIN_TABLE']
  const region = values.region ?? (environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'])
  const lines: Array<string> = []
  if (instance !== undefined && !Ec2InstanceId.is(instance)) {
    lines.push(`INSTANCE: expected the id of an EC2 instance, got ${JSON.stringify(instance)}`)
  }
  if (more.length > 0) lines.push(`expected one INSTANCE, got ${positionals.length}`)
  if (table === undefined)
    lines.push('--table: expected the name of the table (output TableName of the stack), got nothing')
  else if (!/^[\w.-]{3,255}$/.test(table))
    lines.push(`--table: expected the name of a table, got ${JSON.stringify(table)}`)
  if (!region) lines.push('--region: expected an AWS Region, here or in AWS_REGION, got nothing')
  if (lines.length > 0 || table === undefined || region === undefined) return { type: 'bad-input', lines }
  const stream = Ec2InstanceId.is(instance) ? streamOf(instance) : null
  return {
    type: 'run',
    options: { stream, table, region, endpoint: values['endpoint-url'] ?? null, json: values.json },
  }
}

/** For `--help`. */
export const explainHelp = `Usage: ecs-drain explain [INSTANCE] --table NAME [options]

Says why an instance is still there, or why it was let go, from the record of its drain. Reads the table and
nothing else; the caller may dynamodb:Query on it.

Arguments:
  INSTANCE                   the id of an EC2 instance; without it, all drains that are open, a line each

Options:
  --table <name>             the table of the stack (its output TableName), or ECS_DRAIN_TABLE
  --region <region>          or AWS_REGION
  --endpoint-url <url>       where DynamoDB is, if not at AWS
  --json                     print JSON and nothing else to stdout
  -h, --help                 print help

Exit codes:
  0    it was explained
  1    the table could not be read, or has no drain of that instance
  2    bad input

Examples:
  ecs-drain explain --table ecs-drain-Table-1ABC2DEF
  ecs-drain explain i-0a1b2c3d4e5f67890 --table ecs-drain-Table-1ABC2DEF --region eu-west-1
`
