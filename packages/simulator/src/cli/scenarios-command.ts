/** `ecs-drain scenarios`: the built-in ones, one line each. */
import * as E from 'fp-ts/Either'
import { builtInNames, builtInSource } from '../scenario/built-in.ts'
import { readScenario } from '../scenario/read-scenario.ts'

/** Name and summary. */
export const scenariosOutput = (): string => {
  const width = Math.max(...builtInNames.map((name) => name.length))
  const lines = builtInNames.map((name) => {
    const source = builtInSource(name)
    const read = source === undefined ? E.left([]) : readScenario(source)
    if (E.isLeft(read)) throw new Error(`the built-in scenario ${name} cannot be read: ${read.left.join('; ')}`)
    return `${name.padEnd(width)}  ${read.right.summary}`
  })
  return `${lines.join('\n')}\n`
}
