/** The plan's parameters in whole milliseconds, looked up once per run and then read by number. */
import { type ParameterName, type Plan, parameters, type Span } from '../plan/plan.ts'

const names = Object.keys(parameters) as ReadonlyArray<ParameterName>

/** Inclusive bounds. */
export interface Bounds {
  readonly from: number
  readonly to: number
  /** What the draw is for; keeps the luck of one behaviour apart from that of another. */
  readonly purpose: number
}

export type Settings = { readonly [Name in ParameterName]: Bounds }

/** A span of the plan's services and tasks, in seconds, as bounds in milliseconds. */
export const millisecondsOf = (span: Span, purpose: number): Bounds =>
  typeof span === 'number'
    ? { from: Math.round(span * 1000), to: Math.round(span * 1000), purpose }
    : { from: Math.round(span[0] * 1000), to: Math.round(span[1] * 1000), purpose }

export const settingsOf = (plan: Plan): Settings =>
  Object.fromEntries(
    names.map((name, number) => [
      name,
      boundsOf(name, plan.parameters[name] ?? parameters[name].default, purposeOfParameter(number)),
    ]),
  ) as Settings

const boundsOf = (name: ParameterName, span: Span, purpose: number): Bounds => {
  if (parameters[name].unit === 's') return millisecondsOf(span, purpose)
  const [from, to] = typeof span === 'number' ? [span, span] : span
  return { from, to, purpose }
}

/** Parameters that came later are numbered behind everything else: no other draw moves because of them. */
const firstParameters = names.indexOf('api.autoscalingRefill') + 1
const laterParametersFrom = 100

const purposeOfParameter = (number: number): number =>
  number < firstParameters ? number : laterParametersFrom + number - firstParameters

/** Purposes of draws that belong to no parameter, numbered after those that do. */
const otherPurposes = ['pull', 'start', 'exit', 'runs', 'health', 'place', 'fault', 'reorder', 'crash-side'] as const
export type OtherPurpose = (typeof otherPurposes)[number]

/** The purposes by name; looked up once, where they are used. */
export const purposeOf = (purpose: OtherPurpose): number => firstParameters + otherPurposes.indexOf(purpose)

/** Purposes of fault sites come last. */
export const purposeOfSite = (site: number): number => firstParameters + otherPurposes.length + site
