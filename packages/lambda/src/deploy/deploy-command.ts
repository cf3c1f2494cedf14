/** `ecs-drain deploy`: prints the steps of a deployment, and with `--yes` runs them. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { complain, type ExitCode, exitCodes, runAsked } from '../command-line.ts'
import { type DeployOptions, deployHelp, readDeployOptions } from './deploy-options.ts'
import { type DeployStep, deploySteps, ownParameters, printedSteps, templateNames } from './deploy-steps.ts'
import { runSteps } from './run-steps.ts'
import { expectedOf, parametersIn, type TemplateParameter } from './template-parameters.ts'

/** Runs one command line. `packageFolder` is where `deploy/` and `dist/` are. Never throws for what a user can do wrong. */
export const deployCommand = (args: ReadonlyArray<string>, packageFolder: string): ExitCode =>
  runAsked(readDeployOptions(args), deployHelp, (options) => deploy(options, packageFolder))

const deploy = (options: DeployOptions, packageFolder: string): ExitCode => {
  const templateFile = shown(join(packageFolder, 'deploy', templateNames[options.template]))
  const zipFile = shown(join(packageFolder, 'dist', 'ecs-drain-lambda.zip'))
  const parameters = parametersIn(readFileSync(templateFile, 'utf8'))
  const wrong = wrongParameters(options, parameters)
  if (wrong.length > 0) return complain(wrong, exitCodes.badInput)
  if (!existsSync(zipFile)) {
    return complain([`${zipFile} is missing: install @ecs-drain/lambda again`], exitCodes.failure)
  }
  const missing = parameters
    .filter(({ Default }) => Default === undefined)
    .map(({ name }) => name)
    .filter((name) => !ownParameters.includes(name) && !options.parameters.has(name))
  if (missing.length > 0) {
    process.stderr.write(
      `ecs-drain: a new stack needs these too: ${missing.map((name) => `--parameter ${name}=...`).join(' ')}\n`,
    )
  }
  // The hash is the key: what was built is what these steps are about, and other code makes other steps.
  const sha256 = createHash('sha256').update(readFileSync(zipFile)).digest('hex')
  const steps = deploySteps(options, { templateFile, zipFile, sha256 })
  return options.yes ? run(steps) : print(steps)
}

/** What is wrong with the parameters that were given, a line each. */
const wrongParameters = (
  { template, parameters: given }: DeployOptions,
  parameters: ReadonlyArray<TemplateParameter>,
): ReadonlyArray<string> =>
  [...given].flatMap(([name, value]) => {
    if (ownParameters.includes(name)) return [`--parameter: ${name} is set by the steps themselves`]
    const parameter = parameters.find((each) => each.name === name)
    if (parameter === undefined)
      return [`--parameter: ${name} is none of ${template}: ${parameters.map((each) => each.name).join(', ')}`]
    const expected = expectedOf(parameter, value)
    return expected === null ? [] : [`--parameter ${name}: expected ${expected}, got ${JSON.stringify(value)}`]
  })

const print = (steps: ReadonlyArray<DeployStep>): ExitCode => {
  process.stdout.write(printedSteps(steps))
  process.stderr.write('ecs-drain: nothing ran; --yes runs these steps\n')
  return exitCodes.ok
}

const run = (steps: ReadonlyArray<DeployStep>): ExitCode => {
  const failure = runSteps(steps, (text) => process.stderr.write(`ecs-drain: ${text}\n`))
  return failure === null ? exitCodes.ok : complain([failure], exitCodes.failure)
}

/** From here on where that is shorter: the steps are read by people, and run in this folder. */
const shown = (path: string): string => {
  const near = relative(process.cwd(), path)
  return near === '' ? '.' : near.startsWith('..') || isAbsolute(near) ? path : near
}
