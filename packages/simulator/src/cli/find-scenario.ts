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
  const there = statSync(nameOrFile, { throwIfNoEntry: false })
  if (there?.isFile() === true) {
    if (there.size > bytesMost)
      throw new BadInput([`${nameOrFile}: expected a scenario of at most 5 MB, got ${there.size} bytes`])
    try {
      return { label: nameOrFile, text: readFileSync(nameOrFile, 'utf8') }
    } catch (error) {
      throw new BadInput([`${nameOrFile}: cannot be read: ${error instanceof Error ? error.message : String(error)}`])
    }
  }
  if (there !== undefined) throw new BadInput([`${nameOrFile}: expected a YAML or JSON file, got a folder`])
  const looksLikeFile = /[/\\]|\.(ya?ml|json)$/i.test(nameOrFile)
  if (looksLikeFile) throw new BadInput([`${nameOrFile}: there is no such file`])
  const near = nearest(nameOrFile, builtInNames)
  const hint =
    near.length > 0 ? `did you mean ${near.slice(0, 3).join(' or ')}?` : '"ecs-drain scenarios" lists the built-in ones'
  throw new BadInput([`${nameOrFile}: there is no built-in scenario and no file of that name; ${hint}`])
}
