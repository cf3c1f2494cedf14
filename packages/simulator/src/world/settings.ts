/** The plan's parameters, each as a spread of milliseconds or as a plain number. */
import { type Spread, spreadOf } from '../kernel/spread.ts'
import { type Parameter, type ParameterName, type Plan, parameters, type Span } from '../plan/plan.ts'

export interface Settings {
  /** How long something takes. */
  time(name: ParameterName): Spread
  /** A switch, a count or a rate; the lower end of a range. */
  count(name: ParameterName): number
  /** A span of seconds from elsewhere in the plan; `site` keeps its draws apart from all others. */
  seconds(span: Span, site: string): Spread
}

const millisecondsIn: Readonly<Record<Parameter['unit'], number>> = {
  s: 1000,
  ms: 1,
  switch: 1,
  count: 1,
  'per second': 1,
}

/** A site's number, from its name: so adding a site moves nobody else's draws. */
export const siteNumber = (name: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return hash
}

export const settingsOf = (plan: Plan): Settings => {
  const spanOf = (name: ParameterName): Span => plan.parameters[name] ?? parameters[name].default
  return {
    time: (name) => spreadOf(spanOf(name), millisecondsIn[parameters[name].unit], plan.seed, siteNumber(name)),
    count: (name) => {
      const span = spanOf(name)
      return typeof span === 'number' ? span : span[0]
    },
    seconds: (span, site) => spreadOf(span, 1000, plan.seed, siteNumber(site)),
  }
}
