/** Files that options name to be written, checked together before anything runs: no run is in vain, and no input is lost. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { BadInput } from './exit-codes.ts'
import { whyNotWritable } from './write-whole.ts'

/** One file to write, and the option that asks for it, as it was typed: `--report report.html`. */
export interface OutputFile {
  readonly option: string
  readonly file: string
}

/** For an option whose value is the name of the file; nothing where it was not given. */
export const outputFile = (option: string, file: string | undefined): ReadonlyArray<OutputFile> =>
  file === undefined ? [] : [{ option: `${option} ${file}`, file }]

/** Throws BadInput with every problem. */
export const checkOutputFiles = (outputs: ReadonlyArray<OutputFile>, inputs: ReadonlyArray<string>): void => {
  const problems = outputProblems(outputs, inputs)
  if (problems.length > 0) throw new BadInput(problems)
}

/** A line for each file that cannot be written, that is an input as well, or that two options name. */
export const outputProblems = (
  outputs: ReadonlyArray<OutputFile>,
  inputs: ReadonlyArray<string>,
): ReadonlyArray<string> =>
  outputs.flatMap(({ option, file }, index) => {
    const why = whyNotWritable(file)
    if (why !== null) return [`${option}: ${why}`]
    const read = inputs.find((input) => isSameFile(input, file))
    if (read !== undefined) return [`${option}: expected another file than ${read}, which is read`]
    const other = outputs.slice(0, index).find((earlier) => isSameFile(earlier.file, file))
    return other === undefined ? [] : [`${option}: expected another file than that of ${other.option}`]
  })

const isSameFile = (one: string, other: string): boolean => identityOf(one) === identityOf(other)

/** By what is there: a link and what it leads to are the same file, and so are `A` and `a` on some disks. */
const identityOf = (file: string): string => {
  try {
    const { dev, ino } = statSync(file, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return resolve(file)
  }
}
