/** The command line of `ecs-drain explain`: arguments in, options or what is wrong with them out. */
import { Ec2InstanceId, type StreamId, streamOf } from '@ecs-drain/core'
import { type Asked, asksForHelp, isRegion, isStackName, parsedArgs } from '../command-line.ts'

/** What the user wants to know. */
export interface ExplainOptions {
  /** Null: all that are open. */
  readonly stream: StreamId | null
  readonly table: TableSource
  /** Null, with a stack only: that of the AWS CLI, which is asked about the stack. */
  readonly region: string | null
  /** Null: AWS's own. */
  readonly endpoint: string | null
  readonly json: boolean
  /** ECS is asked as well, about the tasks that one instance waits for. */
  readonly asksEcs: boolean
}

/** The table itself, or the stack whose output names it. */
export type TableSource =
  | { readonly type: 'table'; readonly name: string }
  | { readonly type: 'stack'; readonly name: string }

const config = {
  stack: { type: 'string' },
  table: { type: 'string' },
  region: { type: 'string' },
  'ask-ecs': { type: 'boolean', default: false },
  'endpoint-url': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Every problem at once, each a line that begins with the option. */
export const readExplainOptions = (args: ReadonlyArray<string>, environment: Environment): Asked<ExplainOptions> => {
  if (asksForHelp(args)) return { type: 'help' }
  const understood = parsedArgs({ args: [...args], options: config, allowPositionals: true })
  if (typeof understood === 'string') return { type: 'bad-input', lines: [understood] }
  const { values, positionals } = understood
  const [instance, ...more] = positionals
  const lines: Array<string> = []
  if (instance !== undefined && !Ec2InstanceId.is(instance)) {
    lines.push(`INSTANCE: expected the id of an EC2 instance, got ${JSON.stringify(instance)}`)
  }
  if (more.length > 0) lines.push(`expected one INSTANCE, got ${positionals.length}`)
  if (values['ask-ecs'] && instance === undefined) lines.push('--ask-ecs: expected an INSTANCE to ask about, got none')
  const endpoint = values['endpoint-url'] ?? null
  if (endpoint !== null && !isUrl(endpoint)) {
    lines.push(`--endpoint-url: expected a URL, such as http://localhost:8000, got ${JSON.stringify(endpoint)}`)
  }
  const table = tableSourceOf(values, environment, lines)
  const region = regionOf(values.region, environment, lines)
  if (region === null && values.stack === undefined) lines.push(noRegion)
  if (lines.length > 0 || table === null) return { type: 'bad-input', lines }
  const stream = Ec2InstanceId.is(instance) ? streamOf(instance) : null
  return {
    type: 'run',
    options: {
      stream,
      table,
      region,
      endpoint,
      json: values.json,
      asksEcs: values['ask-ecs'],
    },
  }
}

const isUrl = (text: string): boolean => /^https?:/.test(text) && URL.canParse(text)

type Environment = Readonly<Record<string, string | undefined>>

/** What is said on the command line goes before the environment; null: a line says what is wrong. */
const tableSourceOf = (
  { table, stack }: { readonly table?: string | undefined; readonly stack?: string | undefined },
  environment: Environment,
  lines: Array<string>,
): TableSource | null => {
  if (table !== undefined && stack !== undefined) {
    lines.push('--table, --stack: expected one of the two, got both')
    return null
  }
  if (stack !== undefined) {
    if (isStackName(stack)) return { type: 'stack', name: stack }
    lines.push(`--stack: expected the name of a stack, got ${JSON.stringify(stack)}`)
    return null
  }
  const [option, name] = table === undefined ? ['ECS_DRAIN_TABLE', environment['ECS_DRAIN_TABLE']] : ['--table', table]
  if (name !== undefined && /^[\w.-]{3,255}$/.test(name)) return { type: 'table', name }
  if (!name) lines.push('--table: expected the name of the table, or --stack with that of the stack, got nothing')
  else lines.push(`${option}: expected the name of a table, got ${JSON.stringify(name)}`)
  return null
}

/** Null: nobody has said one. */
const regionOf = (given: string | undefined, environment: Environment, lines: Array<string>): string | null => {
  // An empty variable is one that is not set; an empty option is a mistake.
  const variable = ['AWS_REGION', 'AWS_DEFAULT_REGION'].find((name) => environment[name])
  const [option, region] = given === undefined && variable ? [variable, environment[variable]] : ['--region', given]
  if (region !== undefined && !isRegion(region))
    lines.push(`${option}: expected an AWS Region, such as eu-central-1, got ${JSON.stringify(region)}`)
  return region ?? null
}

/** With a stack it is said only after the AWS CLI was asked. */
export const noRegion =
  "--region: expected an AWS Region, here, in AWS_REGION or AWS_DEFAULT_REGION, or with --stack in the AWS CLI's configuration, got nothing"

/** For `--help`. */
export const explainHelp = `Usage: ecs-drain explain [INSTANCE] (--stack NAME | --table NAME) [options]

Says why an instance is still there, or why it was let go, from the record of its drain. Reads the table and
nothing else; the caller may dynamodb:Query on it. With --ask-ecs it also asks ECS about the tasks that the drain
waits for and their services (ecs:DescribeTasks, ecs:DescribeServices).

Arguments:
  INSTANCE                   the id of an EC2 instance; without it, all drains that are open, a line each

Options:
  --stack <name>             the stack; its table and deadline are asked for with the AWS CLI (cloudformation:DescribeStacks)
  --table <name>             the table itself, or ECS_DRAIN_TABLE; takes no AWS CLI, and knows no deadline
  --region <region>          or AWS_REGION, or AWS_DEFAULT_REGION; with --stack the default is the AWS CLI's
  --ask-ecs                  what ECS says of the tasks that INSTANCE waits for: why a service does not move them
  --endpoint-url <url>       where AWS's services are, if not at AWS; or AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_ECS
  --json                     print JSON and nothing else to stdout
  -h, --help                 print help

Exit codes:
  0    it was explained
  1    the table, one of its open drains, or ECS could not be asked, or there is no drain of that instance
  2    bad input

Examples:
  ecs-drain explain --stack ecs-drain --region eu-west-1
  ecs-drain explain i-0a1b2c3d4e5f67890 --stack ecs-drain --region eu-west-1 --ask-ecs
  ecs-drain explain i-0a1b2c3d4e5f67890 --table ecs-drain-Table-1ABC2DEF --region eu-west-1
`
