/** Which resource needs which: what CloudFormation orders its work by. */
import { isObject, type Json, type Template, textOf } from './template.ts'

/** For each resource, those that it refers to or depends on directly. Deleted is: a resource before all that it needs. */
export const referencesOf = (template: Template): ReadonlyMap<string, ReadonlySet<string>> => {
  const names = new Set(Object.keys(template.Resources))
  return new Map(
    Object.entries(template.Resources).map(([name, resource]) => {
      const { DependsOn = [], Properties = {}, UpdatePolicy = {} } = resource
      const found = new Set<string>(typeof DependsOn === 'string' ? [DependsOn] : DependsOn)
      collect(Properties, found)
      collect(UpdatePolicy, found)
      return [name, new Set([...found].filter((each) => names.has(each)))]
    }),
  )
}

const collect = (node: Json, into: Set<string>): void => {
  if (Array.isArray(node)) for (const each of node) collect(each, into)
  if (!isObject(node)) return
  for (const [key, argument] of Object.entries(node)) {
    if (key === 'Ref') into.add(textOf(argument))
    else if (key === 'Fn::GetAtt') into.add(textOf(Array.isArray(argument) ? argument[0] : argument))
    else if (key === 'Fn::Sub') {
      const [text, own] = Array.isArray(argument) ? argument : [argument, {}]
      for (const [, name = ''] of textOf(text).matchAll(/\$\{([^!}.]+)[^}]*\}/g)) into.add(name)
      collect(own ?? {}, into)
    } else collect(argument, into)
  }
}

/** Everything that a resource needs, directly or not: all of it is there before the resource and until after it. */
export const neededBy = (name: string, references: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> => {
  const needed = new Set<string>()
  const visit = (each: string): void => {
    for (const next of references.get(each) ?? []) {
      if (needed.has(next)) continue
      needed.add(next)
      visit(next)
    }
  }
  visit(name)
  return needed
}

/**
 * What is deleted together, first to last: CloudFormation deletes whatever nothing that is left needs. Throws on a circle,
 * which CloudFormation refuses.
 */
export const deletionWaves = (
  references: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyArray<ReadonlyArray<string>> => {
  const left = new Map(references)
  const waves: Array<ReadonlyArray<string>> = []
  while (left.size > 0) {
    const stillNeeded = new Set([...left.values()].flatMap((each) => [...each]))
    const wave = [...left.keys()].filter((name) => !stillNeeded.has(name)).toSorted()
    if (wave.length === 0) throw new Error(`a circle among ${[...left.keys()].join(', ')}`)
    for (const name of wave) left.delete(name)
    waves.push(wave)
  }
  return waves
}
