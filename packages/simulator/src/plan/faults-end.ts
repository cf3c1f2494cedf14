import type { Plan } from './plan.ts'

const drawsFaults = ({ faults }: Plan): boolean => Object.values(faults.perMille).some((chance) => chance > 0)

/** Whether anything goes wrong in it by chance or at an exact place. */
export const hasFaults = (plan: Plan): boolean =>
  drawsFaults(plan) || plan.faults.lose.length > 0 || (plan.faults.script ?? []).length > 0

/** When the faults that chance draws strike no more, in milliseconds; 0: it draws none. */
export const faultsEndMs = (plan: Plan): number => (drawsFaults(plan) ? plan.faults.untilSeconds * 1000 : 0)
