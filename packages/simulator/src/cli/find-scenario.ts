/** SCENARIO on the command line: the name of a built-in one, or a file. */
import { readFileSync, statSync } from 'node:fs'
import { nearest } from '../plan/strict-codecs.ts'
import { builtInNames, builtInSource } from '../scenario/built-in.ts'
import type { ScenarioSource } from '../scenario/read-scenario.ts'
import { BadInput } from './exit-codes.ts'

// A scenario is a page of text. Whatever is longer is some other file.
const bytesMost = 5_000_000

/** Throws BadInput where there is no such scenario, with what may have been meant. */
export const findScenario = (nameOrFile: string): ScenarioSource => {
  const builtIn = builtInSource(nameOrFile)
  if (builtIn !== undefined) return builtIn
  const text = textOf(nameOrFile)
  if (text !== null) return { label: nameOrFile, text }
  const looksLikeFile = /[/\\]|\.(ya?ml|json)$/i.test(nameOrFile)
  if (looksLikeFile) throw new BadInput([`${nameOrFile}: there is no such file`])
  const near = nearest(nameOrFile, builtInNames)
  const hint =
    near.length > 0 ? `did you mean ${near.slice(0, 3).join(' or ')}?` : '"ecs-drain scenarios" lists the built-in ones'
  throw new BadInput([`${nameOrFile}: there is no built-in scenario and no file of that name; ${hint}`])
}

/** The file that SCENARIO is read from; null: it is built in. */
export const scenarioFile = (nameOrFile: string): string | null =>
  builtInSource(nameOrFile) === undefined ? nameOrFile : null

/** The text of a file, or of a pipe: `simulate <(import ...)`. Null where there is none. */
const textOf = (file: string): string | null => {
  try {
    const there = statSync(file)
    if (there.isDirectory()) throw new BadInput([`${file}: expected a YAML or JSON file, got a folder`])
    if (there.size > bytesMost)
      throw new BadInput([`${file}: expected a scenario of at most 5 MB, got ${there.size} bytes`])
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof BadInput) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new BadInput([`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`])
  }
}
