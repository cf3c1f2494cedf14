/** Commands of other packages. They are found when they are called, so that nothing here depends on those packages. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { BadInput, type ExitCode, exitCodes } from './exit-codes.ts'

const packageName = '@ecs-drain/lambda'

/** Runs `ecs-drain-<command>` with these arguments in the foreground. Its exit codes are 0, 1 and 2, as ours. */
export const handOver = (command: string, args: ReadonlyArray<string>): ExitCode => {
  // The user's project first: that one was chosen.
  const bin = binOf(command, [join(process.cwd(), 'package.json'), import.meta.url])
  const { error, status } = spawnSync(process.execPath, [bin, ...args], { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status === exitCodes.ok || status === exitCodes.badInput) return status
  return exitCodes.failure
}

/** The command's file, of the package as it is found from the first of these places that has it. */
export const binOf = (command: string, places: ReadonlyArray<string>): string => {
  const [manifest] = places.map(manifestFrom).filter((found) => found !== null)
  if (manifest === undefined) {
    throw new BadInput([`${command}: ${packageName} is not installed here: npm install --save-dev ${packageName}`])
  }
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly bin?: Readonly<Record<string, string>> }
  const name = `ecs-drain-${command}`
  const file = bin?.[name]
  if (file === undefined) throw new BadInput([`${command}: ${manifest} names no command ${name}: install a newer one`])
  return join(dirname(manifest), file)
}

const manifestFrom = (place: string): string | null => {
  try {
    return createRequire(place).resolve(`${packageName}/package.json`)
  } catch {
    return null
  }
}
