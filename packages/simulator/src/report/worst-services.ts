/** Which services a table has room for. */
import type { Figures } from '../measure/figures.ts'
import { counted } from '../promise/promise.ts'

/** All, or as many as there is room for: those that were at zero and below their floors for longest, all runs together. */
export const worstServices = (runs: ReadonlyArray<{ readonly figures: Figures }>, most: number) => {
  const services = (runs[0]?.figures.services ?? []).map((_, index) => index)
  if (services.length <= most) return services
  const badness = (index: number): number =>
    runs.reduce((sum, { figures }) => {
      const { secondsAtZero = 0, secondsBelowFloor = 0 } = figures.services[index] ?? {}
      return sum + secondsAtZero + secondsBelowFloor
    }, 0)
  return services.toSorted((a, b) => badness(b) - badness(a)).slice(0, most)
}

/** What a table says of those that it leaves out. */
export const leftOutText = (count: number): string =>
  `${counted(count, 'more service is', 'more services are')} not listed; ` +
  `none fared worse (seconds at zero and below the floor, all controllers together)`
