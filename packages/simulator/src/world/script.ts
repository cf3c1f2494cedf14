/** Misfortunes that a plan puts at exact places, whatever the chances. */
import type { CallType } from '@ecs-drain/core'
import type { FaultSite, MessageKind, ScriptedCall } from '../plan/plan.ts'
import { FAULT } from '../trace/kind-numbers.ts'
import { faultSites, plannedFault } from '../trace/trace.ts'
import { traitsOf } from './lambda/call-traits.ts'
import type { World } from './state.ts'

export type ScriptedFate = ScriptedCall['do']

/** What a record of the trace calls it. */
const siteOf = ({ do: fate, call }: ScriptedCall): FaultSite => {
  switch (fate) {
    case 'crash-before':
    case 'crash-after':
      return 'function.crash'
    case 'fail-call':
      return traitsOf[call].isStore ? 'store.unavailable' : 'api.unavailable'
    case 'lose-request':
      return 'api.timeout.lost'
    case 'lose-answer':
      return 'api.timeout.applied'
  }
}

/** What the plan has for this call, which is counted; null: nothing, as nearly always. */
export const scriptedFate = (world: World, call: CallType): ScriptedFate | null => {
  const { script } = world.plan.faults
  if (script === undefined) return null
  const nth = world.callsByType.get(call) ?? 0
  world.callsByType.set(call, nth + 1)
  for (const each of script) {
    if (each.do === 'deliver-twice' || each.call !== call || each.nth !== nth) continue
    strike(world, siteOf(each))
    return each.do
  }
  return null
}

/** Whether the plan loses this message: the n-th of its kind. */
export const isLost = (world: World, message: MessageKind, nth: number): boolean => {
  const { lose } = world.plan.faults
  const isPlanned = lose.length > 0 && lose.some((each) => each.message === message && each.nth === nth)
  if (isPlanned) strike(world, 'bus.drop')
  return isPlanned
}

/** Whether the plan has this message delivered twice. */
export const isDeliveredTwice = (world: World, message: MessageKind, nth: number): boolean => {
  const { script } = world.plan.faults
  const isPlanned =
    script?.some((each) => each.do === 'deliver-twice' && each.message === message && each.nth === nth) === true
  if (isPlanned) strike(world, 'bus.duplicate')
  return isPlanned
}

const strike = (world: World, site: FaultSite): void =>
  world.trace.write(world.now, FAULT, faultSites.indexOf(site), plannedFault)
