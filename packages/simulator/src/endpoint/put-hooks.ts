/** Hooks that are put while a world runs: the promises judge each moment by those that there were then. */
import { endOf } from '../measure/figures.ts'
import type { HookPlan } from '../plan/plan.ts'
import { createJudge, type Verdict } from '../promise/judge.ts'
import type { Trace } from '../trace/trace.ts'
import type { GrowingPlan } from './session.ts'

/** A hook, new or changed, and how long the trace was by then. */
export interface PutHook {
  readonly after: number
  readonly group: string
  readonly hook: HookPlan
}

export const putInto = ({ groups }: GrowingPlan, { group, hook }: PutHook): void => {
  const hooks = groups.find(({ name }) => name === group)?.hooks
  const position = hooks?.findIndex(({ name }) => name === hook.name) ?? -1
  if (position === -1) hooks?.push(hook)
  else hooks?.splice(position, 1, hook)
}

/** The verdict if the run ended now. `plan` has the hooks of second zero, and gets those that were put. */
export const judgedWith = (plan: GrowingPlan, puts: ReadonlyArray<PutHook>, trace: Trace): Verdict => {
  const judge = createJudge(plan, trace.cast)
  let done = 0
  for (let i = 0; i < trace.length; i += 1) {
    for (let put = puts[done]; put !== undefined && put.after <= i; put = puts[done]) {
      putInto(plan, put)
      done += 1
    }
    judge.observe(trace.at[i] ?? 0, trace.kind[i] ?? 0, trace.a[i] ?? 0, trace.b[i] ?? 0)
  }
  return judge.verdict(endOf(trace))
}
