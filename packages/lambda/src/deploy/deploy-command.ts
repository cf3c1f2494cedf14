/** `ecs-drain deploy`: prints the steps of a deployment, and with `--yes` runs them. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { complain, type ExitCode, exitCodes, runAsked } from '../command-line.ts'
import { type DeployOptions, deployHelp, readDeployOptions } from './deploy-options.ts'
import {
  buildSteps,
  type DeployFiles,
  deploySteps,
  ownParameters,
  printedSteps,
  templateNames,
} from './deploy-steps.ts'
import { runSteps } from './run-steps.ts'
import { parametersIn } from './template-parameters.ts'

/** Runs one command line. `packageFolder` is where `deploy/` and `dist/` are. Never throws for what a user can do wrong. */
export const deployCommand = (args: ReadonlyArray<string>, packageFolder: string): ExitCode =>
  runAsked(readDeployOptions(args), deployHelp, (options) => deploy(options, packageFolder))

const deploy = (options: DeployOptions, packageFolder: string): ExitCode => {
  const files = filesIn(packageFolder, options)
  const { names, required } = parametersIn(readFileSync(files.templateFile, 'utf8'))
  const wrong = [...options.parameters.keys()].flatMap((name) => {
    if (ownParameters.includes(name)) return [`--parameter: ${name} is set by the steps themselves`]
    return names.includes(name) ? [] : [`--parameter: ${name} is none of ${options.template}: ${names.join(', ')}`]
  })
  if (wrong.length > 0) return complain(wrong, exitCodes.badInput)
  if (files.sha256 === null && files.buildIn === null) {
    return complain([`${files.zipFile} is missing: install @ecs-drain/lambda again`], exitCodes.failure)
  }
  const missing = required.filter((name) => !ownParameters.includes(name) && !options.parameters.has(name))
  if (missing.length > 0) {
    process.stderr.write(
      `ecs-drain: a new stack needs these too: ${missing.map((name) => `--parameter ${name}=...`).join(' ')}\n`,
    )
  }
  return options.yes ? run(options, packageFolder, files) : print(options, files)
}

const print = (options: DeployOptions, files: DeployFiles): ExitCode => {
  process.stdout.write(printedSteps([...buildSteps(files), ...deploySteps(options, files)]))
  if (files.sha256 === null)
    process.stderr.write('ecs-drain: SHA256 stands for the hash of the zip, once it is built\n')
  process.stderr.write('ecs-drain: nothing ran; --yes runs these steps\n')
  return exitCodes.ok
}

/** The zip's hash is in the later steps, so they are made when it is built. */
const run = (options: DeployOptions, packageFolder: string, files: DeployFiles): ExitCode => {
  const announce = (text: string): void => {
    process.stderr.write(`ecs-drain: ${text}\n`)
  }
  const failure =
    runSteps(buildSteps(files), announce) ?? runSteps(deploySteps(options, filesIn(packageFolder, options)), announce)
  return failure === null ? exitCodes.ok : complain([failure], exitCodes.failure)
}

/** A checkout has sources, and builds its zip; a package that was installed has none, and has the zip. */
const filesIn = (packageFolder: string, { template }: DeployOptions): DeployFiles => {
  const zipFile = shown(join(packageFolder, 'dist', 'ecs-drain-lambda.zip'))
  const isCheckout = existsSync(join(packageFolder, 'src', 'function.ts'))
  return {
    templateFile: shown(join(packageFolder, 'deploy', templateNames[template])),
    zipFile,
    sha256: existsSync(zipFile) ? createHash('sha256').update(readFileSync(zipFile)).digest('hex') : null,
    buildIn: isCheckout ? shown(packageFolder) : null,
  }
}

/** From here on where that is shorter: the steps are read by people, and run in this folder. */
const shown = (path: string): string => {
  const near = relative(process.cwd(), path)
  return near === '' ? '.' : near.startsWith('..') || isAbsolute(near) ? path : near
}
