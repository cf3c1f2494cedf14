/**
 * A scenario is a plan with what it teaches, what is expected of it, and, where settings are compared, its variants.
 * This reads one from YAML or JSON text, and tells everything that is wrong with it at once.
 */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { isMap, isNode, LineCounter, parseDocument } from 'yaml'
import type { Plan } from '../plan/plan.ts'
import { planProps } from '../plan/plan-codec.ts'
import { readPlan, withContradictions } from '../plan/read-plan.ts'
import { closed, isRecord, type Problem, problemsOf, problemText, recordBy, textUpTo } from '../plan/strict-codecs.ts'
import { type Expectation, Expectations, expectBoth } from './expectation.ts'
import { setValue } from './set-value.ts'

/** Text, and the name under which its errors are told: a file, or a built-in scenario. */
export interface ScenarioSource {
  readonly label: string
  readonly text: string
}

/** One value to set before the plan is read, as `--set path=value` has it. */
export interface Setting {
  readonly path: string
  readonly value: unknown
}

/** One plan of a scenario; its name is null where the scenario has no variants. */
export interface Variant {
  readonly name: string | null
  readonly plan: Plan
  readonly expect: Readonly<Record<string, Expectation>>
}

/** A plan, or several to compare, with what it teaches and what is expected of it. */
export interface Scenario {
  readonly name: string
  /** One line for a list; empty where the scenario has none. */
  readonly summary: string
  readonly teaches: string
  /** At least one, the default first. */
  readonly variants: readonly [Variant, ...ReadonlyArray<Variant>]
}

// With the longest name of a built-in scenario before it, it fits a line of 110 characters.
const summaryMost = 76

const variantName = /^[A-Za-z0-9_-]{1,100}$/

const VariantDocument = closed('a variant', {
  set: recordBy('values by path', () => t.unknown, []),
  expect: Expectations,
})

const ScenarioDocument = closed(
  'a scenario',
  {
    ...planProps,
    summary: textUpTo(summaryMost),
    expect: Expectations,
    variants: recordBy(
      'variants by name',
      (key) => (variantName.test(key) ? VariantDocument : undefined),
      'a name of 1 to 100 letters, digits, hyphens and underscores',
    ),
  },
  ['name'],
)

/** The scenario, or all that is wrong with it, one line each: `file:line: services[0].desired: expected ...`. */
export const readScenario = (
  { label, text }: ScenarioSource,
  settings: ReadonlyArray<Setting> = [],
): E.Either<ReadonlyArray<string>, Scenario> => {
  const lines = new LineCounter()
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (parsed.errors.length > 0) {
    return E.left(
      parsed.errors.map(({ code, message, pos: [from] }) => {
        const what = code === 'MULTIPLE_DOCS' ? 'expected one document, got several' : message
        return `${label}:${lines.linePos(from).line}: ${what}`
      }),
    )
  }
  const value = plainDataOf(parsed)
  if (E.isLeft(value)) return E.left([`${label}: ${value.left}`])
  const document = value.right
  const whole = ScenarioDocument.decode(document)
  if (E.isLeft(whole)) {
    const found = [...problemsOf(whole.left), ...withoutVariants(document)]
    const problems = withContradictions(withoutScenarioKeys(document), found)
    return E.left(tell(label, parsed, lines, problems))
  }

  const { variants: variantDocuments = {}, expect = {}, summary = '' } = whole.right
  const asWritten = planOf(document, [])
  const wrong = [...(E.isLeft(asWritten) ? asWritten.left : []), ...withoutVariants(document)]
  if (wrong.length > 0) return E.left(tell(label, parsed, lines, wrong))
  const asSet = planOf(document, settings)
  if (E.isLeft(asSet)) return E.left(tell(`${label}, with --set`, null, lines, asSet.left))

  const { name, teaches } = asSet.right
  const alone: Variant = { name: null, plan: asSet.right, expect }
  const problems: string[] = []
  const variants: Variant[] = []
  for (const variant of variantsAsWritten(parsed, Object.keys(variantDocuments))) {
    const { set = {}, expect: special = {} } = variantDocuments[variant] ?? {}
    const ofVariant = Object.entries(set).map(([path, value]) => ({ path, value }))
    // What is set from outside is set last: whoever types it means it for every variant.
    const plan = planOf(document, [...ofVariant, ...settings])
    if (E.isLeft(plan)) problems.push(...tell(`${label}, variant ${variant}`, null, lines, plan.left))
    else variants.push({ name: variant, plan: plan.right, expect: expectBoth(expect, special) })
  }
  if (problems.length > 0) return E.left(problems)
  const [first = alone, ...others] = variants
  return E.right({ name, summary, teaches: teaches.trim(), variants: [first, ...others] })
}

const withoutVariants = (document: unknown): ReadonlyArray<Problem> => {
  const variants = isRecord(document) ? document['variants'] : undefined
  if (!isRecord(variants) || Object.keys(variants).length > 0) return []
  return [{ path: ['variants'], message: 'expected at least one variant, got {}' }]
}

/** The first is the default; an object would put first what looks like a number. */
const variantsAsWritten = (
  parsed: ReturnType<typeof parseDocument>,
  names: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const written = parsed.get('variants')
  const order = isMap(written) ? written.items.map(({ key }) => String(key)) : []
  return names.toSorted((one, other) => order.indexOf(one) - order.indexOf(other))
}

/** The document as plain data; left where an alias has no anchor, or aliases of aliases would fill the memory. */
export const plainDataOf = (parsed: ReturnType<typeof parseDocument>): E.Either<string, unknown> =>
  E.tryCatch(
    (): unknown => parsed.toJS(),
    (thrown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  )

/** The plan of a document under settings, completed and free of contradictions. */
const planOf = (document: unknown, settings: ReadonlyArray<Setting>): E.Either<ReadonlyArray<Problem>, Plan> => {
  const problems: Problem[] = []
  // What a scenario has and a plan has not cannot be set.
  let set: unknown = withoutScenarioKeys(document)
  for (const { path, value } of settings) {
    const result = setValue(set, path, value)
    if (E.isLeft(result)) problems.push({ path: [path], message: result.left })
    else set = result.right
  }
  if (problems.length > 0) return E.left(problems)
  return readPlan(set)
}

/** What a scenario has and a plan has not. */
const scenarioKeys = ['summary', 'expect', 'variants']

const withoutScenarioKeys = (document: unknown): unknown =>
  isRecord(document)
    ? Object.fromEntries(Object.entries(document).filter(([key]) => !scenarioKeys.includes(key)))
    : document

/** Problems as lines, with the line of the file where the document came from one and the path leads to a place in it. */
const tell = (
  label: string,
  parsed: ReturnType<typeof parseDocument> | null,
  lines: LineCounter,
  problems: ReadonlyArray<Problem>,
): ReadonlyArray<string> =>
  problems.map((problem) => {
    const line = parsed === null ? null : lineOf(parsed, lines, problem.path)
    const where = line === null ? label : `${label}:${line}`
    return `${where}: ${problemText(problem)}`
  })

const lineOf = (
  parsed: ReturnType<typeof parseDocument>,
  lines: LineCounter,
  path: ReadonlyArray<string | number>,
): number | null => {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = parsed.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return null
}
