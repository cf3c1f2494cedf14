/** How long something took, and from when until when it did, as people read it. */
import { secondsOf } from '../measure/figures.ts'
import type { Interval, Timeline } from './timeline.ts'

/** `61 s` or `4 min 2 s`: at most two units, and a decimal only where a second is long. */
export const durationText = (ms: number): string => {
  const seconds = secondsOf(ms)
  if (seconds < 10) return `${Math.round(seconds * 10) / 10 || seconds} s`
  const whole = Math.round(seconds)
  if (whole < 120) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 120) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** Seconds to a tenth; `0.02` where that would make nothing of what is marked as bad. */
export const tenthsText = (seconds: number): string => {
  const text = seconds.toFixed(1)
  return seconds !== 0 && Number(text) === 0 ? String(seconds) : text
}

/** `98.0 s to 156.0 s`, or `to the end`. */
export const periodText = ({ from, to }: Interval, { endMs }: Pick<Timeline, 'endMs'>): string =>
  `${tenthsText(secondsOf(from))} s to ${to >= endMs ? 'the end' : `${tenthsText(secondsOf(to))} s`}`
