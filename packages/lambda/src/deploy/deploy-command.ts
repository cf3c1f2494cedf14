/** `ecs-drain deploy`: prints the steps of a deployment, and with `--yes` runs them. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { complain, type ExitCode, exitCodes, runAsked } from '../command-line.ts'
import { type DeployOptions, deployHelp, readDeployOptions } from './deploy-options.ts'
import { type DeployStep, deploySteps, ownParameters, printedSteps, templateNames } from './deploy-steps.ts'
import { runSteps } from './run-steps.ts'
import { parametersIn } from './template-parameters.ts'

/** Runs one command line. `packageFolder` is where `deploy/` and `dist/` are. Never throws for what a user can do wrong. */
export const deployCommand = (args: ReadonlyArray<string>, packageFolder: string): ExitCode =>
  runAsked(readDeployOptions(args), deployHelp, (options) => deploy(options, packageFolder))

const deploy = (options: DeployOptions, packageFolder: string): ExitCode => {
  const templateFile = shown(join(packageFolder, 'deploy', templateNames[options.template]))
  const zipFile = shown(join(packageFolder, 'dist', 'ecs-drain-lambda.zip'))
  const { names, required } = parametersIn(readFileSync(templateFile, 'utf8'))
  const wrong = [...options.parameters.keys()].flatMap((name) => {
    if (ownParameters.includes(name)) return [`--parameter: ${name} is set by the steps themselves`]
    return names.includes(name) ? [] : [`--parameter: ${name} is none of ${options.template}: ${names.join(', ')}`]
  })
  if (wrong.length > 0) return complain(wrong, exitCodes.badInput)
  if (!existsSync(zipFile)) {
    return complain([`${zipFile} is missing: install @ecs-drain/lambda again`], exitCodes.failure)
  }
  const missing = required.filter((name) => !ownParameters.includes(name) && !options.parameters.has(name))
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
