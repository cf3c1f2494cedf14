/** Sets one value in a document by its path, for variants and for `--set`. */
import * as E from 'fp-ts/Either'
import { isRecord, preview } from '../plan/strict-codecs.ts'

type Steps = ReadonlyArray<string | number>

// Below these, keys hold dots themselves: `parameters.scheduler.reaction` means the parameter `scheduler.reaction`.
const dottedBelow = ['parameters', 'faults.perMille']

/**
 * A copy of the document with the value at `path`: `services[0].desired`, `services[web].desired` (by name),
 * `parameters.scheduler.reaction`. Of a list that is left out the first item can be set. Left: why there is no such place.
 */
export const setValue = (document: unknown, path: string, value: unknown): E.Either<string, unknown> => {
  const steps = stepsOf(path)
  if (steps === null) return E.left(`expected a path such as services[0].desired, got ${preview(path)}`)
  return setAt(document, steps, value, '')
}

const stepsOf = (path: string): Steps | null => {
  for (const prefix of dottedBelow) {
    if (path.startsWith(`${prefix}.`)) return [...prefix.split('.'), path.slice(prefix.length + 1)]
  }
  if (!/^[^.[\]]+(\[[^[\]]+\]|\.[^.[\]]+)*$/.test(path)) return null
  return [...path.matchAll(/\[([^[\]]+)\]|[^.[\]]+/g)].map(([step, bracketed]) => {
    if (bracketed === undefined) return step
    return /^\d+$/.test(bracketed) ? Number(bracketed) : `[${bracketed}]`
  })
}

const setAt = (within: unknown, [step, ...rest]: Steps, value: unknown, reached: string): E.Either<string, unknown> => {
  if (step === undefined) return E.right(value)
  if (typeof step === 'number' || step.startsWith('[')) return setInList(within, step, rest, value, reached)
  if (within !== undefined && within !== null && !isRecord(within)) {
    return E.left(`${reached || 'the document'} has no keys, it is ${preview(within)}`)
  }
  const before = within ?? {}
  const inside = setAt(
    Object.hasOwn(before, step) ? (before as Record<string, unknown>)[step] : undefined,
    rest,
    value,
    below(reached, step),
  )
  // Not by assignment: a key named __proto__ has to stay a key, which the codec then refuses.
  return E.map((set: unknown) => Object.fromEntries([...Object.entries(before), [step, set]]))(inside)
}

const setInList = (
  within: unknown,
  step: string | number,
  rest: Steps,
  value: unknown,
  reached: string,
): E.Either<string, unknown> => {
  if (within === undefined && step !== 0) return E.left(`${reached} is left out, so only ${reached}[0] can be set`)
  // What is left out of its first item gets its default, as in a file.
  const list: unknown = within === undefined ? [undefined] : within
  if (!Array.isArray(list)) return E.left(`${reached || 'the document'} is not a list`)
  const index =
    typeof step === 'number' ? step : list.findIndex((item) => isRecord(item) && item['name'] === step.slice(1, -1))
  if (index < 0) return E.left(`${reached} has nothing named ${step.toString().slice(1, -1)}${namesIn(list)}`)
  if (index >= list.length) return E.left(`${reached}[${index}] does not exist: ${reached} has ${list.length}`)
  const inside = setAt(list[index], rest, value, `${reached}[${index}]`)
  return E.map((set: unknown) => list.map((item: unknown, position) => (position === index ? set : item)))(inside)
}

const namesIn = (list: ReadonlyArray<unknown>): string => {
  const names = list.flatMap((item) => (isRecord(item) && typeof item['name'] === 'string' ? [item['name']] : []))
  return names.length === 0 ? '' : `: expected one of ${names.join(', ')}`
}

const below = (reached: string, key: string): string => (reached === '' ? key : `${reached}.${key}`)
