/** Runs steps one after another, in the foreground, until one fails. */
import { spawnSync } from 'node:child_process'
import { howFailed, whyNotStarted } from '../command-line.ts'
import type { DeployStep } from './deploy-steps.ts'

/** Version 2 of the AWS CLI shows what is long in a pager, which waits for somebody to press a key. */
const env = { ...process.env, AWS_PAGER: '' }

/** Null: all ran. Otherwise what went wrong, as a sentence. */
export const runSteps = (steps: ReadonlyArray<DeployStep>, announce: (text: string) => void): string | null => {
  for (const { title, command, args } of steps) {
    announce(`${title}: ${command} ${args.slice(0, 2).join(' ')} ...`)
    const ended = spawnSync(command, args, { stdio: 'inherit', env })
    if (ended.error !== undefined) return whyNotStarted(command, ended.error)
    const failure = howFailed(command, ended)
    if (failure !== null) return `${title}: ${failure}`
  }
  return null
}
