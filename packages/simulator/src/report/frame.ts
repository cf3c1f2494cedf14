/** The frame that every drawing of a report has: one time axis, and room for the numbers beside it. */
import { secondsOf } from '../measure/figures.ts'
import type { Interval, Timeline } from './timeline.ts'

/** Where and how large a picture is drawn. */
export interface Frame {
  /** Pixels of the time axis. */
  readonly width: number
  /** Virtual milliseconds that it stands for. */
  readonly spanMs: number
  /** Room for the numbers left of the axis. */
  readonly left: number
  /** By service: the count that its axis reaches, so that several runs have the same scale. */
  readonly most: ReadonlyArray<number>
}

/** Pixels right of the axis. */
export const frameRight = 6

/** A moment on the time axis. */
export const x = (ms: number): number => secondsOf(ms)
/** How far that is from the axis's beginning. */
export const pixels = (ms: number, frame: Frame): number => (ms / frame.spanMs) * frame.width

/** A fair guess of a character's width in system fonts, by font size. */
const characterWidth = 0.56

/** How wide a text gets, in pixels. */
export const textWidth = (text: string, size: number): number => text.length * size * characterWidth

/** What goes on when the run ends is drawn to the end of the axis. */
export const shown = ({ from, to }: Interval, timeline: Timeline, frame: Frame): Interval => ({
  from,
  to: to >= timeline.endMs ? frame.spanMs : Math.min(to, frame.spanMs),
})
