/** The options that choose a scenario and change it, the same for each command. */
import * as E from 'fp-ts/Either'
import { parseDocument } from 'yaml'
import { hintAt } from '../plan/strict-codecs.ts'
import { plainDataOf, readScenario, type Scenario, type Setting } from '../scenario/read-scenario.ts'
import { BadInput } from './exit-codes.ts'
import { findScenario } from './find-scenario.ts'

/** As commander hands them over. */
export interface ScenarioOptions {
  readonly seed?: number
  readonly set?: ReadonlyArray<string>
  readonly variant?: string
}

/** The scenario as it is to be run; throws BadInput with all that is wrong with it. */
export const scenarioOf = (nameOrFile: string, { set = [], seed }: ScenarioOptions): Scenario => {
  const settings = set.map(settingOf)
  const all = seed === undefined ? settings : [...settings, { path: 'seed', value: seed }]
  const read = readScenario(findScenario(nameOrFile), all)
  if (E.isLeft(read)) throw new BadInput(read.left)
  return read.right
}

/** `path=value`; the value is read as YAML, so `null`, `true`, `[1, 2]` and `2.5` mean what they look like. */
const settingOf = (text: string): Setting => {
  const at = text.indexOf('=')
  if (at <= 0) throw new BadInput([`--set ${text}: expected path=value, such as services[0].desired=6`])
  const parsed = parseDocument(text.slice(at + 1), { prettyErrors: false })
  const [problem] = parsed.errors
  const value = problem === undefined ? plainDataOf(parsed) : E.left(problem.message)
  if (E.isLeft(value)) throw new BadInput([`--set ${text}: expected a YAML value after "=": ${value.left}`])
  return { path: text.slice(0, at).trim(), value: value.right }
}

/** The variant that is wanted, or all; throws BadInput where there is none of that name. */
export const variantsOf = (
  scenario: Scenario,
  nameOrFile: string,
  wanted: string | undefined,
): Scenario['variants'] => {
  if (wanted === undefined) return scenario.variants
  const found = scenario.variants.find(({ name }) => name === wanted)
  if (found !== undefined) return [found]
  const names = scenario.variants.flatMap(({ name }) => (name === null ? [] : [name]))
  if (names.length === 0) throw new BadInput([`--variant ${wanted}: ${nameOrFile} has no variants`])
  throw new BadInput([`--variant ${wanted}: expected one of ${names.join(', ')}${hintAt(wanted, names)}`])
}
