/** The controller's decisions as marks over an instance's lane. */
import { atText } from '../promise/promise.ts'
import { type MarkGroup, markGroupOf } from './decision-group.ts'
import { markGroups } from './decision-mark.ts'
import type { Point } from './drawing.ts'
import { type Frame, pixels, x } from './frame.ts'
import { colour } from './palette.ts'
import type { Mark } from './timeline.ts'

/** Between two marks of different kinds, in pixels. */
const markDistance = 10

/**
 * Marks of one kind that would cover each other are one mark whose hover text tells all. Marks of different kinds are
 * moved apart a little: the hover text has the exact time.
 */
export const pointsOf = (marks: ReadonlyArray<Mark>, y: number, frame: Frame): ReadonlyArray<Point> => {
  const merged: Array<{ group: MarkGroup; at: number; left: number; lines: string[]; more: number }> = []
  let freeFrom = Number.NEGATIVE_INFINITY
  for (const { at, name, text } of marks) {
    // Those of the kind "other" may go on after what is worth drawing has ended.
    if (at > frame.spanMs) continue
    const group = markGroupOf(name)
    const minor = group === 'other'
    const near = merged.findLast((each) => each.group === group && pixels(at - each.at, frame) < (minor ? 4 : 12))
    const line = `${atText(at)} ${name}${text === undefined || text === '' ? '' : `: ${clipped(text)}`}`
    if (near === undefined) {
      const left = minor ? pixels(at, frame) : Math.min(Math.max(pixels(at, frame), freeFrom), frame.width)
      if (!minor) freeFrom = left + markDistance
      merged.push({ group, at, left, lines: [line], more: 0 })
    } else if (near.lines.length < 6) near.lines.push(line)
    else near.more += 1
  }
  // What matters is drawn over what does not.
  merged.sort((a, b) => Number(b.group === 'other') - Number(a.group === 'other'))
  return merged.map(({ group, left, lines, more }) => ({
    x: x((left / frame.width) * frame.spanMs),
    y,
    shape: markGroups[group].shape,
    size: markGroups[group].size,
    fill: colour(markGroups[group].fill),
    says: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
  }))
}

const clipped = (text: string): string => (text.length > 140 ? `${text.slice(0, 139)}…` : text)
