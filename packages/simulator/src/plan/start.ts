import type { Plan } from './plan.ts'

/** The instant of virtual second zero, in milliseconds since the epoch. */
export const startMsOf = ({ start }: Plan): number => Date.parse(start)
