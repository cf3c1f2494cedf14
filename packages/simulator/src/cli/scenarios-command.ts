/** `ecs-drain scenarios`: the built-in ones, one line each or as JSON. */
import * as E from 'fp-ts/Either'
import { builtInNames, builtInSource } from '../scenario/built-in.ts'
import { readScenario, type Scenario } from '../scenario/read-scenario.ts'

/** Name and summary; as JSON with the names of the variants, of which there may be none. */
export const scenariosOutput = ({ json = false }: { readonly json?: boolean }): string => {
  const listed = builtInNames.map((name) => {
    const { summary, variants } = builtInScenario(name)
    return { name, summary, variants: variants.flatMap((variant) => variant.name ?? []) }
  })
  if (json) return `${JSON.stringify(listed, null, 2)}\n`
  const width = Math.max(...builtInNames.map((name) => name.length))
  return listed.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join('')
}

const builtInScenario = (name: string): Scenario => {
  const source = builtInSource(name)
  const read = source === undefined ? E.left([]) : readScenario(source)
  if (E.isLeft(read)) throw new Error(`the built-in scenario ${name} cannot be read: ${read.left.join('; ')}`)
  return read.right
}
