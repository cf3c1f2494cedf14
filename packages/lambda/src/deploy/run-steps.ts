/** Runs steps one after another, in the foreground, until one fails. */
import { spawnSync } from 'node:child_process'
import type { DeployStep } from './deploy-steps.ts'

/** Null: all ran. Otherwise what went wrong, as a sentence. */
export const runSteps = (steps: ReadonlyArray<DeployStep>, announce: (text: string) => void): string | null => {
  for (const { title, command, args } of steps) {
    announce(`${title}: ${command} ${args.slice(0, 2).join(' ')} ...`)
    const { error, status, signal } = spawnSync(command, args, { stdio: 'inherit' })
    if (error !== undefined) return whyNotStarted(command, error)
    if (signal !== null) return `${title}: ${command} was ended by ${signal}`
    if (status !== 0) return `${title}: ${command} ended with exit code ${status}`
  }
  return null
}

const installed: Readonly<Record<string, string>> = {
  aws: 'the AWS CLI (version 2): see "Installing or updating to the latest version of the AWS CLI" in its user guide',
  pnpm: 'pnpm, which builds the function in a checkout of the repository',
}

const whyNotStarted = (command: string, error: NodeJS.ErrnoException): string =>
  error.code === 'ENOENT'
    ? `there is no command ${command} here. Install ${installed[command] ?? command}`
    : `${command} cannot be started: ${error.message}`
