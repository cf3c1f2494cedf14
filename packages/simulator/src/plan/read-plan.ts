/** A plan from a document that a person, or a program without types, has written: completed, or all that is wrong with it. */
import * as E from 'fp-ts/Either'
import { contradictionsIn } from './contradictions.ts'
import { completePlan } from './defaults.ts'
import type { Plan } from './plan.ts'
import { PlanDocument } from './plan-codec.ts'
import { isRecord, type Problem, pathText, problemsOf, problemText } from './strict-codecs.ts'

/** The plan of a document, with its defaults and free of contradictions. */
export const readPlan = (document: unknown): E.Either<ReadonlyArray<Problem>, Plan> => {
  const decoded = PlanDocument.decode(document)
  if (E.isLeft(decoded)) return E.left(withContradictions(document, problemsOf(decoded.left)))
  const complete = completePlan(decoded.right)
  const contradictions = contradictionsIn(complete)
  return contradictions.length > 0 ? E.left(contradictions) : E.right(complete)
}

/**
 * Throws a TypeError that tells all that is wrong with a plan, a line each: what contradicts itself, and, because JavaScript knows no
 * types, what is no plan's or is missing.
 */
export const refuseUnsound = (plan: Plan): void => {
  const read = readPlan(plan)
  const problems = E.isLeft(read) ? read.left : missingFrom(plan, read.right, [])
  if (problems.length > 0) throw new TypeError(`the plan cannot be run:\n${problems.map(problemText).join('\n')}`)
}

/** What completing a plan has added to it. */
const missingFrom = (plan: unknown, complete: unknown, path: Problem['path']): ReadonlyArray<Problem> => {
  if (plan === undefined)
    return [{ path, message: 'is missing; completePlan gives what a plan leaves out its default' }]
  if (Array.isArray(complete) && Array.isArray(plan))
    return complete.flatMap((item: unknown, index) => missingFrom(plan[index], item, [...path, index]))
  if (!isRecord(complete) || !isRecord(plan)) return []
  return Object.entries(complete).flatMap(([key, value]) => missingFrom(plan[key], value, [...path, key]))
}

/**
 * The problems a codec found and, beside them, the contradictions among what it could read: so that one round is enough
 * to mend a document. A contradiction with a value that could not be read, in place of which is the default, is left out.
 */
export const withContradictions = (document: unknown, problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const parents = new Set(problems.map(({ path }) => pathText(path.slice(0, -1))))
  const unread = new Set(problems.map(({ path: [key] }) => key))
  const isAmongRead = ({ path }: Problem): boolean =>
    !parents.has(pathText(path.slice(0, -1))) && !heldAgainst(path).some((key) => unread.has(key))
  return [...problems, ...contradictionsIn(completePlan(readablePart(document))).filter(isAmongRead)]
}

/** What else in a plan the value at that path is held against. */
const heldAgainst = ([key]: Problem['path']): ReadonlyArray<string> => {
  if (key === 'services') return ['groups']
  if (key === 'standaloneTasks') return ['groups', 'untilSeconds']
  return key === 'happenings' ? ['groups', 'services', 'untilSeconds'] : []
}

type Path = Problem['path']

/** What is left of a document without the values that cannot be read, and without what cannot be read for want of them. */
const readablePart = (document: unknown): PlanDocument => {
  const named: unknown = isRecord(document) ? { name: 'unnamed', ...document } : { name: 'unnamed' }
  const decoded = PlanDocument.decode(named)
  if (E.isRight(decoded)) return decoded.right
  const unreadable = problemsOf(decoded.left).map(({ path }) => partAt(named, path))
  return readablePart(unreadable.reduce(without, named))
}

/** The least that can be left out about that place: a value, a happening, or another list as a whole. */
const partAt = (document: unknown, path: Path): Path => {
  if (path[0] === 'happenings' && path.length > 1) return path.slice(0, 2)
  const isValue = typeof path.at(-1) === 'string' && has(document, path)
  return isValue ? path : partAt(document, path.slice(0, -1))
}

const has = (document: unknown, [step, ...rest]: Path): boolean => {
  if (step === undefined) return true
  if (Array.isArray(document)) return has(document[Number(step)], rest)
  return isRecord(document) && Object.hasOwn(document, step) && has(document[step], rest)
}

const without = (document: unknown, [step, ...rest]: Path): unknown => {
  if (Array.isArray(document)) {
    return document.map((item: unknown, index) => {
      if (index !== step) return item
      return rest.length === 0 ? harmless : without(item, rest)
    })
  }
  if (!isRecord(document)) return document
  const kept = Object.entries(document).filter(([key]) => rest.length > 0 || key !== step)
  return Object.fromEntries(kept.map(([key, value]) => [key, key === step ? without(value, rest) : value]))
}

/** In place of a happening, so that the others keep theirs: a policy that changes nothing contradicts nothing. */
const harmless = { do: 'change-policy' }
