/** The command line of `ecs-drain deploy`: arguments in, options or what is wrong with them out. */
import { type Asked, asksForHelp, isRegion, isStackName, parsedArgs } from '../command-line.ts'

/** What can be deployed. */
export type DeployTemplate = 'full' | 'attach' | 'smallest'

export const deployTemplates: ReadonlyArray<DeployTemplate> = ['full', 'attach', 'smallest']

/** One each: a template over the stack of another would delete what answers the hooks of that one, or answers them no more. */
const defaultStacks: Readonly<Record<DeployTemplate, string>> = {
  full: 'ecs-drain-example',
  attach: 'ecs-drain',
  smallest: 'ecs-drain-smallest',
}

/** What the user wants. */
export interface DeployOptions {
  readonly template: DeployTemplate
  readonly stack: string
  readonly bucket: string
  /** Null: the AWS CLI's own choice. */
  readonly region: string | null
  /** In the order given; a name comes once. */
  readonly parameters: ReadonlyMap<string, string>
  /** Run the steps, not only print them. */
  readonly yes: boolean
}

const config = {
  template: { type: 'string', default: 'full' },
  stack: { type: 'string' },
  bucket: { type: 'string' },
  region: { type: 'string' },
  parameter: { type: 'string', multiple: true, default: [] as Array<string> },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Every problem at once, each a line that begins with the option. */
export const readDeployOptions = (args: ReadonlyArray<string>): Asked<DeployOptions> => {
  if (asksForHelp(args)) return { type: 'help' }
  const understood = parsedArgs({ args: [...args], options: config, allowPositionals: false })
  if (typeof understood === 'string') return { type: 'bad-input', lines: [understood] }
  const parsed = understood.values
  const lines: Array<string> = []
  const expect = (holds: boolean, option: string, expected: string, got: string): void => {
    if (!holds) lines.push(`${option}: expected ${expected}, got ${JSON.stringify(got)}`)
  }
  const { bucket, region, yes } = parsed
  const template = deployTemplates.find((each) => each === parsed.template)
  const stack = parsed.stack ?? defaultStacks[template ?? 'full']
  expect(template !== undefined, '--template', `one of ${deployTemplates.join(', ')}`, parsed.template)
  expect(isStackName(stack) && stack.length <= 100, '--stack', 'the name of a stack, at most 100 letters', stack)
  if (bucket === undefined) lines.push('--bucket: expected the name of an S3 bucket of yours, got nothing')
  else expect(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket), '--bucket', 'the name of an S3 bucket', bucket)
  if (region !== undefined) expect(isRegion(region), '--region', 'an AWS Region', region)
  const parameters = parametersOf(parsed.parameter, lines)
  if (lines.length > 0 || template === undefined || bucket === undefined) return { type: 'bad-input', lines }
  return { type: 'run', options: { template, stack, bucket, region: region ?? null, parameters, yes } }
}

const parametersOf = (given: ReadonlyArray<string>, lines: Array<string>): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>()
  for (const each of given) {
    const [, name = '', value = ''] = /^([A-Za-z0-9]+)=(.*)$/s.exec(each) ?? []
    if (name === '') lines.push(`--parameter: expected NAME=VALUE, got ${JSON.stringify(each)}`)
    else if (parameters.has(name)) lines.push(`--parameter: ${name} is given twice`)
    else parameters.set(name, value)
  }
  return parameters
}

/** For `--help`. */
export const deployHelp = `Usage: ecs-drain deploy --bucket NAME [options]

Prints the steps that deploy ecs-drain; with --yes runs them, with the AWS CLI and its credentials.

Options:
  --bucket <name>            an S3 bucket of yours, in the region of the stack, for the code (required)
  --template <name>          full: a cluster, a group and a service that show it (default)
                             attach: up to five clusters and groups that are there already
                             smallest: one cluster and one group, no queue
  --stack <name>             the stack to make or to update; a template takes one of its own
                             (default: full ecs-drain-example, attach ecs-drain, smallest ecs-drain-smallest)
  --region <region>          default: the AWS CLI's
  --parameter <NAME=VALUE>   a parameter of the template; repeatable
  --yes                      run the steps
  -h, --help                 print help

Exit codes:
  0    the steps were printed, or all of them ran
  1    a step failed, or there is no AWS CLI, or the function could not be built; the steps after it did not run
  2    bad input; nothing ran

Examples:
  ecs-drain deploy --bucket my-code --parameter VpcId=vpc-0a1b2c3d --parameter SubnetIds=subnet-0a1b2c3d,subnet-1a2b3c4d
  ecs-drain deploy --template attach --bucket my-code --parameter ClusterNames=production --parameter GroupNames=web,workers --yes
`
