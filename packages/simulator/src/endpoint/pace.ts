/** How virtual time goes by: not at all but when it is told to, as real time does, or so many times as fast. */
import type { ControlledTime } from './control.ts'
import type { Session } from './session.ts'

/** `stepped`: only control moves time. A number: so many virtual seconds go by in a real one. */
export type Pace = 'stepped' | number

/** Times as fast, at most: more than this and a client's own clock is of no use. */
export const paceMost = 10_000

/** The pace by its word; undefined for what is none. */
export const paceFrom = (text: string): Pace | undefined => {
  if (text === 'stepped') return 'stepped'
  if (text === 'real') return 1
  const times = Number(text)
  return /^\d+(\.\d+)?$/.test(text) && times > 0 && times <= paceMost ? times : undefined
}

export interface Flow extends ControlledTime {
  /** Begins, at the world's present. */
  readonly start: () => void
  readonly stop: () => void
}

const tickMs = 20

export const createFlow = (session: Session, pace: Pace): Flow => {
  if (pace === 'stepped') {
    return {
      start: () => {},
      stop: () => {},
      catchUp: () => {},
      skip: (ms) => session.advanceTo(session.world.now + ms),
    }
  }
  let startedAt = performance.now()
  let skipped = session.world.now
  let timer: NodeJS.Timeout | undefined
  const catchUp = (): void => {
    session.advanceTo(Math.floor(skipped + (performance.now() - startedAt) * pace))
  }
  return {
    start: () => {
      startedAt = performance.now()
      timer = setInterval(catchUp, tickMs)
    },
    stop: () => clearInterval(timer),
    catchUp,
    skip: (ms) => {
      skipped += ms
      catchUp()
    },
  }
}
