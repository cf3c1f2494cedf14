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
  const readable = problems.reduce((rest: unknown, { path }) => without(rest, path), document)
  const decoded = PlanDocument.decode(readable)
  if (E.isLeft(decoded)) return problems
  const parents = new Set(problems.map(({ path }) => pathText(path.slice(0, -1))))
  const unread = new Set(problems.map(({ path: [key] }) => key))
  const isAmongRead = ({ path }: Problem): boolean =>
    !parents.has(pathText(path.slice(0, -1))) && !heldAgainst(path).some((key) => unread.has(key))
  return [...problems, ...contradictionsIn(completePlan(decoded.right)).filter(isAmongRead)]
}

/** What else in a plan the value at that path is held against. */
const heldAgainst = ([key]: Problem['path']): ReadonlyArray<string> => {
  if (key === 'services') return ['groups']
  if (key === 'standaloneTasks') return ['groups', 'untilSeconds']
  return key === 'happenings' ? ['groups', 'services', 'untilSeconds'] : []
}

const without = (document: unknown, [step, ...rest]: ReadonlyArray<string | number>): unknown => {
  if (step === undefined) return document
  if (Array.isArray(document)) {
    return document.map((item: unknown, index) => (index === step && rest.length > 0 ? without(item, rest) : item))
  }
  if (!isRecord(document)) return document
  const kept = Object.entries(document).filter(([key]) => rest.length > 0 || key !== step)
  return Object.fromEntries(kept.map(([key, value]) => [key, key === step ? without(value, rest) : value]))
}
