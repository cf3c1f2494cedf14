/** `ecs-drain simulate`: reads the scenario, runs it under each controller, writes files, prints. In that order. */
import { resolve } from 'node:path'
import { type ControllerName, controllerNames } from '../plan/plan.ts'
import { unmetBy } from '../scenario/expectation.ts'
import type { Scenario, Variant } from '../scenario/read-scenario.ts'
import { simulate } from '../simulate.ts'
import { traceLines } from '../trace/trace-lines.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { scenarioFile } from './find-scenario.ts'
import { humanOutput } from './human-output.ts'
import { jsonOutput } from './json-output.ts'
import { checkOutputFiles, outputFile } from './output-files.ts'
import { createProgress, type Progress } from './progress.ts'
import { quoted } from './quoted.ts'
import { reportFileNames, reportFiles } from './report-files.ts'
import { brokenBy, type ControllerRun, isAsExpected, type Result, type VariantRuns } from './result.ts'
import { type ScenarioOptions, scenarioOf, variantsOf } from './scenario-options.ts'
import { writeWhole } from './write-whole.ts'

/** The options as commander hands them over. */
export interface SimulateCommandOptions extends ScenarioOptions {
  readonly controller: ControllerName | 'all'
  readonly report?: string
  readonly json?: boolean
  readonly trace?: string
}

/** Throws BadInput before anything has run or was written. */
export const simulateCommand = async (nameOrFile: string, options: SimulateCommandOptions): Promise<ExitCode> => {
  const scenario = scenarioOf(nameOrFile, options)
  const variants = variantsOf(scenario, nameOrFile, options.variant)
  const controllers = options.controller === 'all' ? controllerNames : [options.controller]
  checkFiles(nameOrFile, options, variants)
  /** What to type to see the same again, or one variant of it. */
  const commandOf = (variant: string | null): string =>
    commandLineOf(nameOrFile, variant === null ? options : { ...options, variant })

  const progress = createProgress()
  try {
    const result = await runAll(variants, controllers, isAsWritten(options), progress)
    if (options.trace !== undefined) {
      await progress.step(`writing ${options.trace}`)
      await writeWhole(options.trace, traceOf(result))
    }
    const reports: string[] = []
    if (options.report !== undefined) {
      for (const { file, variant, render } of reportFiles(options.report, scenario, result, commandOf)) {
        await progress.step(`drawing ${file}${variant === null ? '' : ` (${variant})`}`, true)
        await writeWhole(file, [await render()])
        reports.push(resolve(file))
      }
    }
    progress.done()
    const files = { reports, trace: options.trace === undefined ? null : resolve(options.trace) }
    if (options.json === true) {
      process.stdout.write(jsonOutput(scenario.name, result))
      for (const file of [...files.reports, ...(files.trace === null ? [] : [files.trace])]) {
        process.stderr.write(`ecs-drain: wrote ${file}\n`)
      }
    } else process.stdout.write(humanOutput({ scenario, result, files, command: commandOf(null) }))
    if (brokenBy(result).length > 0) return exitCodes.promiseBroken
    return isAsExpected(result) ? exitCodes.ok : exitCodes.notAsExpected
  } finally {
    progress.done()
  }
}

/** Before the first run: nothing is written if something cannot be. */
const checkFiles = (
  nameOrFile: string,
  { report, trace }: SimulateCommandOptions,
  variants: Scenario['variants'],
): void => {
  const reports = report === undefined ? [] : reportFileNames(report, variants)
  const outputs = [...reports.flatMap((file) => outputFile('--report', file)), ...outputFile('--trace', trace)]
  const input = scenarioFile(nameOrFile)
  checkOutputFiles(outputs, input === null ? [] : [input])
}

/** What a scenario expects, it expects of its own plan and luck. */
const isAsWritten = ({ seed, set = [] }: SimulateCommandOptions): boolean => seed === undefined && set.length === 0

const runAll = async (
  variants: Scenario['variants'],
  controllers: ReadonlyArray<ControllerName>,
  isCompared: boolean,
  progress: Progress,
): Promise<Result> => {
  const total = variants.length * controllers.length
  let count = 0
  const runVariant = async (variant: Variant): Promise<VariantRuns> => {
    const runs: ControllerRun[] = []
    for (const controller of controllers) {
      count += 1
      const of = variant.name === null ? '' : `, ${variant.name}`
      await progress.step(`running ${controller}${of} (${count} of ${total})`)
      const run = simulate(variant.plan, { controller })
      const unmet = isCompared ? unmetBy(variant.expect[controller] ?? {}, run) : []
      runs.push({ controller, ...run, unmet })
    }
    return { variant, runs }
  }
  const [first, ...others] = variants
  const result: [VariantRuns, ...VariantRuns[]] = [await runVariant(first)]
  for (const variant of others) result.push(await runVariant(variant))
  return result
}

function* traceOf(result: Result): Iterable<string> {
  for (const { variant, runs } of result) {
    for (const { controller, trace } of runs) {
      yield* traceLines(trace, variant.plan, {
        controller,
        ...(variant.name === null ? {} : { variant: variant.name }),
      })
    }
  }
}

const commandLineOf = (nameOrFile: string, { controller, seed, set = [], variant }: SimulateCommandOptions): string =>
  `npx ecs-drain simulate ${[
    nameOrFile,
    '--controller',
    controller,
    ...(variant === undefined ? [] : ['--variant', variant]),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
    ...set.flatMap((setting) => ['--set', setting]),
  ]
    .map(quoted)
    .join(' ')}`
