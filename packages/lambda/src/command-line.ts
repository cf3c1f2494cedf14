/** What the commands of this package have in common. Uses nothing that is not part of Node. */
import type { SpawnSyncReturns } from 'node:child_process'
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** What a process's exit code says; each command's `--help` has the same. */
export const exitCodes = { ok: 0, failure: 1, badInput: 2 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export const complain = (lines: ReadonlyArray<string>, code: ExitCode): ExitCode => {
  for (const line of lines) process.stderr.write(`ecs-drain: ${line}\n`)
  return code
}

export const asksForHelp = (args: ReadonlyArray<string>): boolean => args.includes('--help') || args.includes('-h')

/** The options and the arguments, or what Node says of those that it does not understand. */
export const parsedArgs = <Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> | string => {
  try {
    return parseArgs(config)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Whether a text has the form of a Region's name: `eu-central-1`, `us-gov-west-1`. */
export const isRegion = (text: string): boolean => /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(text)

/** Whether a text may be the name of a stack. */
export const isStackName = (text: string): boolean => /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(text)

/** Why a command of somebody else's cannot be started, as a sentence. */
export const whyNotStarted = (command: string, error: NodeJS.ErrnoException): string =>
  error.code === 'ENOENT'
    ? `there is no command ${command} here. Install ${installed[command] ?? command}`
    : `${command} cannot be started: ${error.message}`

/** How a command of somebody else's ended that did not succeed; null: it did. */
export const howFailed = (command: string, { signal, status }: EndedCommand): string | null => {
  if (signal !== null) return `${command} was ended by ${signal}`
  return status === 0 ? null : `${command} ended with exit code ${status}`
}

type EndedCommand = Pick<SpawnSyncReturns<unknown>, 'signal' | 'status'>

const installed: Readonly<Record<string, string>> = {
  aws: 'the AWS CLI (version 2): see "Installing or updating to the latest version of the AWS CLI" in its user guide',
}

/** What a command line asks for; `help` wins over all that is wrong. */
export type Asked<Options> =
  | { readonly type: 'help' }
  | { readonly type: 'run'; readonly options: Options }
  | { readonly type: 'bad-input'; readonly lines: ReadonlyArray<string> }

/** Runs what was asked for, or says why not. */
export const runAsked = <Options, Ended>(
  asked: Asked<Options>,
  help: string,
  run: (options: Options) => Ended,
): Ended | ExitCode => {
  switch (asked.type) {
    case 'help':
      process.stdout.write(help)
      return exitCodes.ok
    case 'bad-input':
      return complain([...asked.lines, 'Try --help.'], exitCodes.badInput)
    case 'run':
      return run(asked.options)
  }
}

/** To be called first: what becomes of output that cannot be written. */
export const mindOutput = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `ecs-drain explain | head -1`: whoever reads has seen enough, and the exit code is that of what was done.
    if (error.code === 'EPIPE') return
    process.exit(complain([`the output could not be written: ${error.message}`], exitCodes.failure))
  })
  // What goes wrong behind stderr cannot be told.
  process.stderr.on('error', () => undefined)
}
