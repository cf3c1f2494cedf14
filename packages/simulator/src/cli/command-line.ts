/** The command line: arguments in, exit code out. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { type Pace, paceFrom, paceMost } from '../endpoint/pace.ts'
import { controllerNames, type MessageKind } from '../plan/plan.ts'
import { seedMost } from '../plan/plan-codec.ts'
import { hintAt } from '../plan/strict-codecs.ts'
import { type Shard, wholeCampaign } from '../storm/campaign.ts'
import { messageKinds } from '../trace/trace.ts'
import type { CheckCommandOptions } from './check-command.ts'
import { BadInput, type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts'
import { handOver } from './hand-over.ts'
import type { ImportCommandOptions } from './import-command.ts'
import { scenariosOutput } from './scenarios-command.ts'
import type { ServeCommandOptions } from './serve-command.ts'
import { type SimulateCommandOptions, simulateCommand } from './simulate-command.ts'
import { type StormCommandOptions, type StormOutputOptions, stormCommand, stormMergeCommand } from './storm-command.ts'

/** Lines of complaint that somebody still reads. */
const linesMost = 30

/** Of the options of `storm`, by what commander calls them. */
const mergeTakes: ReadonlySet<string> = new Set(['output', 'report', 'json'])

/** What the world tells of itself. A wake-up is sent by a function. */
const worldKinds = messageKinds.filter((kind) => kind !== 'wake-up')

/** Commands of the package that is deployed. */
const handedOver = [
  ['deploy', 'print the steps that deploy ecs-drain, or run them'],
  ['explain', 'say why an instance is still there, or why it was let go'],
] as const

/**
 * Runs one command line. Never throws for what a user can do wrong: that is told on stderr, exit code 2. `workerFile`: the module
 * that works through a storm's seeds when it is loaded in a worker.
 */
export const runCommandLine = async (args: ReadonlyArray<string>, workerFile: URL): Promise<ExitCode> => {
  let exitCode: ExitCode = exitCodes.ok
  /** What a command does; its exit code is that of the process. */
  const ending =
    <Args extends ReadonlyArray<unknown>>(run: (...args: Args) => ExitCode | Promise<ExitCode>) =>
    async (...args: Args): Promise<void> => {
      exitCode = await run(...args)
    }
  // Commands inherit what is set here, the help's last part and the override of exits included.
  const program = new Command('ecs-drain')
    .description('Replace the EC2 instances of an ECS cluster without downtime: simulate it before you do it.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('afterAll', ({ command }) => exitCodesHelp(command.name()))
    // As all that is told on stderr begins.
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'ecs-drain:')) })
    .showHelpAfterError('Try --help.')
    .exitOverride()

  program
    .command('simulate')
    .summary('run a scenario and compare controllers in it')
    .description(
      'Runs a scenario under one or all controllers, in the same world and with the same luck, and prints what became of the tasks.',
    )
    .argument('[SCENARIO]', 'a built-in scenario or a YAML or JSON file', 'ami-update')
    .addOption(
      new Option('-c, --controller <name>', 'who answers the lifecycle hook')
        .choices([...controllerNames, 'all'])
        .default('all'),
    )
    .option('-s, --seed <n>', "the run's luck; the same seed gives the same run", seedFrom)
    .option('--set <path=value>', 'change one value of the scenario, services[0].desired=6; repeatable', append)
    .option('--variant <name>', 'run only this variant of the scenario')
    .option('-r, --report <file>', 'write an HTML report')
    .option('--json', 'print JSON and nothing else to stdout')
    .option('--trace <file>', 'write everything that happened, as JSON lines')
    .addHelpText('after', simulateExamples)
    .action(ending((scenario: string, options: SimulateCommandOptions) => simulateCommand(scenario, options)))

  program
    .command('serve')
    .summary('serve a scenario to AWS clients, in the protocols of AWS')
    .description(
      'Serves the simulated cluster on loopback in the protocols of ECS, Auto Scaling, SQS, SNS and EC2, until Ctrl-C: ' +
        'for the AWS CLI, SDKs, or your own drain function.',
    )
    .argument('[SCENARIO]', 'a built-in scenario or a YAML or JSON file', 'ami-update')
    .option('-l, --listen-port <n>', 'the port of 127.0.0.1; 0 takes a free one', portFrom, 0)
    .addOption(
      new Option('-p, --pace <pace>', 'how time goes by: real, stepped, or so many times as fast')
        .argParser(paceOption)
        .default(1, 'real'),
    )
    .option('-s, --seed <n>', "the run's luck; the same seed gives the same run", seedFrom)
    .option('--set <path=value>', 'change one value of the scenario, happenings=[]; repeatable', append)
    .option('--invoke <url>', 'a function that topics and rules call by themselves, as Lambda is called', urlFrom)
    .option(
      '--subscribes <kinds>',
      `what the function or the inbox is told, of ${worldKinds.join(', ')} (default: what ecs-drain is told: all but container-instance)`,
      kindsFrom,
    )
    .option('--variant <name>', 'serve this variant of the scenario')
    .addHelpText('after', serveExamples)
    .action(
      ending(async (scenario: string, options: ServeCommandOptions) => {
        // Whoever simulates does not wait for what only serving needs.
        const { serveCommand } = await import('./serve-command.ts')
        return serveCommand(scenario, options)
      }),
    )

  program
    .command('check')
    .summary('explore every interleaving and every fault of a small cluster')
    .description(
      'Explores everything that can happen in a model, breadth first, with the code that ships; prints the shortest way ' +
        'to break a promise, or that there is none. Without MODEL: all of them.',
    )
    .argument('[MODEL]', 'one of --list')
    .option('-l, --list', 'list the models, one line each')
    .option('--depth <n>', 'steps from the beginning', countFrom)
    .option('--states <n>', 'states to visit', countFrom)
    .option('--memory <mb>', 'megabytes for the table of states', countFrom)
    .addOption(
      new Option('--misfortunes <n>', "misfortunes on one path, of the model's kinds").choices(['0', '1', '2', '3']),
    )
    .option('--plan <file>', 'write the counterexample, if there is one, as a plan that "simulate" runs')
    .option('--no-symmetry', 'tell interchangeable instances and tasks apart: the same verdict, more states')
    .addOption(
      new Option('--reduction <on|off>', 'pass over calls whose order nobody can tell: the same verdict, fewer states')
        .choices(['on', 'off'])
        .default('off'),
    )
    .option('--json', 'print JSON and nothing else to stdout')
    .addHelpText('after', checkExamples)
    .action(
      ending(async (model: string | undefined, { misfortunes, ...options }: CheckOptionsAsTyped) => {
        const { checkCommand } = await import('./check-command.ts')
        return checkCommand(
          model,
          misfortunes === undefined ? options : { ...options, misfortunes: Number(misfortunes) },
        )
      }),
    )

  program
    .command('scenarios')
    .summary('list the built-in scenarios, one line each')
    .description('Lists the built-in scenarios, one line each.')
    .option('--json', 'print JSON and nothing else to stdout')
    .action(
      ending((options: { readonly json?: boolean }) => {
        process.stdout.write(scenariosOutput(options))
        return exitCodes.ok
      }),
    )

  program
    .command('import')
    .summary('make a scenario of a cluster that is there')
    .description(
      'Asks AWS about a cluster, its services and their Auto Scaling groups, with the AWS CLI and its credentials, and writes a ' +
        'scenario in which its next update can be rehearsed. Nothing is changed.',
    )
    .argument('<CLUSTER>', 'the name of the cluster, or its ARN')
    .option('--region <region>', "the Region, if not the CLI's own")
    .option('--profile <name>', 'the profile of the CLI')
    .option('--hook <name>', 'the lifecycle hook that ecs-drain answers, or would', 'ecs-drain')
    .option('--endpoint-url <url>', 'where ECS and Auto Scaling are, if not at AWS')
    .option('-o, --output <file>', 'where to write it, if not to stdout; not over a file that is there')
    .option('-f, --force', 'write over the file of --output')
    .addHelpText('after', importExamples)
    .action(
      ending(async (cluster: string, options: ImportCommandOptions) => {
        const { importCommand } = await import('./import-command.ts')
        return importCommand(cluster, options)
      }),
    )

  const storm = program
    .command('storm')
    .summary('run many seeds with faults, and judge every promise in each')
    .description(
      'Draws a world and its faults from each seed, runs it with ecs-drain until everything has settled, and judges every promise. ' +
        'A seed that fails is made small, saved as a plan, and can be replayed with the printed command.',
    )
    .option('-n, --seeds <n>', 'how many seeds', countFrom, 1000)
    .option('--first-seed <n>', 'the first of them', seedFrom, 0)
    .option('-w, --workers <n>', 'threads; all processors if left out', countFrom)
    .addOption(
      new Option('--shard <i/n>', 'only every n-th seed from the i-th on')
        .argParser(shardFrom)
        .default(wholeCampaign, `${wholeCampaign.index}/${wholeCampaign.count}`),
    )
    .option('--plans <folder>', 'where plans of failing seeds are saved', folderFrom, '.')
    .option('-o, --output <file>', 'write the result as JSON, which "storm merge" reads')
    .option('-r, --report <file>', 'write an HTML report')
    .option('--json', 'print the result as JSON and nothing else to stdout')
    .addHelpText('after', stormExamples)
    .action(ending((options: StormCommandOptions) => stormCommand(options, workerFile)))
  storm
    .command('merge')
    .description(
      'Adds the results of all shards of a campaign together: the same totals as if one machine had run it. ' +
        'Takes --output, --report and --json of storm.',
    )
    .argument('<FILES...>', 'what "storm --shard i/n --output FILE" wrote, for each i')
    .action(
      // --output, --report and --json stand before or after "merge".
      ending((files: ReadonlyArray<string>, _options: unknown, command: Command) => {
        const given = storm.options.filter((option) => storm.getOptionValueSource(option.attributeName()) === 'cli')
        const refused = given.filter((option) => !mergeTakes.has(option.attributeName()))
        if (refused.length > 0)
          throw new BadInput(refused.map(({ long }) => `${long}: merge runs no seeds, and takes no such option`))
        return stormMergeCommand(files, command.optsWithGlobals<StormOutputOptions>())
      }),
    )

  for (const [command, does] of handedOver) {
    program
      .command(command)
      .summary(`${does} (has its own --help)`)
      .argument('[options...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(ending((_options: unknown, _known: unknown, { args: given }: Command) => handOver(command, given)))
  }

  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput
    if (error instanceof BadInput) {
      const shown = error.lines.slice(0, linesMost)
      if (error.lines.length > linesMost) shown.push(`and ${error.lines.length - linesMost} more`)
      for (const line of shown) process.stderr.write(`ecs-drain: ${line}\n`)
      return exitCodes.badInput
    }
    throw error
  }
}

const seedFrom = (text: string): number => {
  const seed = Number(text)
  if (/^\d+$/.test(text) && seed <= seedMost) return seed
  throw new InvalidArgumentError(`expected an integer from 0 to ${seedMost}.`)
}

const folderFrom = (text: string): string => {
  if (text !== '') return text
  throw new InvalidArgumentError('expected the name of a folder.')
}

const portFrom = (text: string): number => {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('expected a port from 0 to 65535.')
}

const urlFrom = (text: string): string => {
  if (/^https?:/.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError(
    'expected the URL of a function, such as http://127.0.0.1:9000/2015-03-31/functions/function/invocations.',
  )
}

const kindsFrom = (text: string): ReadonlyArray<MessageKind> =>
  text.split(',').map((word) => {
    const kind = worldKinds.find((each) => each === word)
    if (kind !== undefined) return kind
    throw new InvalidArgumentError(
      `expected one or more of ${worldKinds.join(',')}, got '${word}'${hintAt(word, worldKinds)}`,
    )
  })

const paceOption = (text: string): Pace => {
  const pace = paceFrom(text)
  if (pace !== undefined) return pace
  throw new InvalidArgumentError(`expected real, stepped, or a number above 0 and up to ${paceMost}.`)
}

type CheckOptionsAsTyped = Omit<CheckCommandOptions, 'misfortunes'> & { readonly misfortunes?: string }

const countFrom = (text: string): number => {
  const count = Number(text)
  if (/^\d+$/.test(text) && count > 0 && Number.isSafeInteger(count)) return count
  throw new InvalidArgumentError('expected a whole number of 1 or more.')
}

const shardFrom = (text: string): Shard => {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number)
  if (index !== undefined && count !== undefined && index >= 1 && index <= count && count <= 1_000_000) {
    return { index, count }
  }
  throw new InvalidArgumentError('expected i/n with i from 1 to n, such as 2/8.')
}

const append = (value: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, value]

const checkExamples = `
Examples:
  ecs-drain check
  ecs-drain check two-handlers
  ecs-drain check all-faults --misfortunes 2 --memory 8000
  ecs-drain check two-instances --misfortunes 2 --reduction on
  ecs-drain check --list`

const stormExamples = `
Examples:
  ecs-drain storm
  ecs-drain storm --seeds 100000 --workers 4 --report storm.html
  ecs-drain storm --seeds 100000 --shard 3/8 --output part-3.json
  ecs-drain storm merge part-*.json
  ecs-drain storm --seeds 1 --first-seed 4711`

const simulateExamples = `
Controllers:
  none             there is no lifecycle hook
  counting-poller  asks runningTasksCount on a timer, and completes at 0
  article          on a "task STOPPED" event, completes when no running task is counted
  ecs-drain        completes when every task that was ever on the instance is STOPPED

Examples:
  ecs-drain simulate
  ecs-drain simulate ami-update-behind-load-balancer --report report.html
  ecs-drain simulate single-task-service --variant 0-100 --controller ecs-drain
  ecs-drain simulate ami-update --set 'services[web].desired=8' --set parameters.ec2.shutdown=60 --json
  ecs-drain simulate ./my-cluster.yaml --seed 7 --trace trace.jsonl`

const importExamples = `
The caller may: ecs:List* and ecs:Describe* of services, container instances and tasks, ecs:DescribeTaskDefinition,
elasticloadbalancing:DescribeTargetGroupAttributes and DescribeTargetGroups, autoscaling:DescribeAutoScalingGroups
and DescribeLifecycleHooks.

Examples:
  ecs-drain import production --region eu-central-1 --output production.yaml
  ecs-drain simulate production.yaml --report rehearsal.html`

const serveExamples = `
Examples:
  ecs-drain serve ami-update --listen-port 4566 --pace stepped
  ecs-drain serve ami-update --pace 60 --set 'happenings=[]'
  ecs-drain serve ./my-cluster.yaml --listen-port 0
  ecs-drain serve --invoke http://127.0.0.1:9000/ --subscribes termination`
