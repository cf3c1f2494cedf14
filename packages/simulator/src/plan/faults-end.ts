import type { Plan } from './plan.ts'

/** When the faults that chance draws strike no more, in milliseconds; 0: it draws none. */
export const faultsEndMs = ({ faults }: Plan): number =>
  Object.values(faults.perMille).some((chance) => chance > 0) ? faults.untilSeconds * 1000 : 0
