/** One instance: its lifecycle state, what the controller decided, and its tasks as bars. */
import { atText, counted, instanceText, taskText } from '../promise/promise.ts'
import type { Cast } from '../trace/trace.ts'
import { pointsOf } from './decision-points.ts'
import { type Drawing, label, rect, smallSize } from './drawing.ts'
import { durationText, periodText } from './duration-text.ts'
import { type Frame, pixels, shown, textWidth, x } from './frame.ts'
import { colour, edgeOf, stateFill, taskFill } from './palette.ts'
import type { Interval, Lane, TaskBar, Timeline } from './timeline.ts'

const rowsMax = 12
const lane = { label: 14, marks: 12, strip: 9, draining: 4, row: 13, lowRow: 7, gap: 12 }
/** From this many lines on, a lane's tasks are drawn low and without a name. */
const lowRowsFrom = 9

export const drawLane = (drawing: Drawing, cast: Cast, each: Lane, timeline: Timeline, frame: Frame): void => {
  const entry = cast.instances[each.instance]
  const id = instanceText(cast, each.instance)
  const group = cast.groups.length > 1 ? `, ${cast.groups[entry?.group ?? 0]?.name ?? ''}` : ''
  drawing.texts.push(label(0, drawing.y + 7, `${id} (${entry?.old === true ? 'old' : 'new'}${group})`))
  let y = drawing.y + lane.label
  for (const point of pointsOf(each.marks, y + lane.marks / 2, frame)) drawing.points.push(point)
  if (each.marks.length > 0) y += lane.marks
  for (const state of each.states) {
    const fill = stateFill[state.state]
    if (fill === 'none' || state.to <= state.from) continue
    const says = `${id}: ${state.state}, ${saysWhen(state, timeline)}`
    drawing.rects.push(rect(shown(state, timeline, frame), y, y + lane.strip, fill, edgeOf(fill), says))
  }
  y += lane.strip + 1
  for (const whole of each.draining) {
    const period = { from: whole.from, to: Math.min(whole.to, each.to) }
    const says = `${id}: container instance DRAINING, ${saysWhen(period, timeline)}`
    drawing.rects.push(rect(shown(period, timeline, frame), y, y + lane.draining - 1, colour('floor'), null, says))
  }
  for (const whole of each.disconnected) {
    const period = { from: whole.from, to: Math.min(whole.to, each.to) }
    // That a host is gone is drawn already; its silent agent is no news.
    if (period.to <= period.from) continue
    const says = `${id}: agent disconnected, ${saysWhen(period, timeline)}`
    drawing.rects.push(rect(shown(period, timeline, frame), y, y + lane.draining - 1, 'url(#dashes-away)', null, says))
  }
  y += lane.draining
  const drawn = Math.min(each.rows, rowsMax)
  const height = drawn >= lowRowsFrom ? lane.lowRow : lane.row
  for (const bar of each.tasks) {
    if (bar.row < drawn) drawTask(drawing, cast, bar, { y: y + bar.row * height, height }, timeline, frame)
  }
  y += drawn * height
  if (drawn < each.rows) {
    const hidden = each.tasks.filter(({ row }) => row >= drawn).length
    drawing.texts.push(
      label(each.from, y + 6, `and ${counted(hidden, 'more task')}`, { fill: 'quiet', size: smallSize }),
    )
    y += 13
  }
  drawing.y = y + lane.gap
}

const saysWhen = (period: Interval, timeline: Timeline): string =>
  `${periodText(period, timeline)} (${durationText(period.to - period.from)})`

const drawTask = (
  drawing: Drawing,
  cast: Cast,
  bar: TaskBar,
  { y, height }: { readonly y: number; readonly height: number },
  timeline: Timeline,
  frame: Frame,
): void => {
  const named = height >= lane.row
  const name = taskText(cast, bar.task).replace(/^task /, '')
  for (const look of bar.looks) {
    if (look.to <= look.from) continue
    const period = shown(look, timeline, frame)
    const gone = look.look === 'host gone'
    const what = gone ? 'host gone, ECS has not noticed' : look.look
    const says = `${name}: ${what}, ${saysWhen(look, timeline)}`
    const fill = taskFill[look.look]
    const stroke = gone ? colour('zero') : edgeOf(fill)
    drawing.rects.push(rect(period, y, y + height - (named ? 2 : 1), fill, stroke, says))
    const width = pixels(period.to - period.from, frame)
    if (named && gone && width > textWidth('host gone', 9) + 22) {
      // On a plate of its own, since nobody can read over dots.
      const ms = (value: number): number => (value / frame.width) * frame.spanMs
      const plate = { from: look.from + ms(10), to: look.from + ms(16 + textWidth('host gone', 9) * 1.15) }
      drawing.plates.push(rect(plate, y + 1, y + lane.row - 3, colour('paper'), null, null))
      drawing.texts.push(label(look.from, y + 6, 'host gone', { size: 9, fill: 'zero', dx: 12, weight: 600 }))
    }
    if (named && look.look === 'RUNNING' && width > textWidth(name, 9) * 1.15 + 8) {
      drawing.texts.push(label(look.from, y + 6, name, { size: 9, fill: 'on-running', dx: 4 }))
    }
  }
  if (bar.killedAt !== null) {
    drawing.points.push({
      x: x(bar.killedAt),
      y: y + height / 2 - 1,
      shape: 'M-0.7,-1 L0,-0.3 L0.7,-1 L1,-0.7 L0.3,0 L1,0.7 L0.7,1 L0,0.3 L-0.7,1 L-1,0.7 L-0.3,0 L-1,-0.7Z',
      size: named ? 90 : 30,
      fill: colour('zero'),
      says: `${name}: killed with its host ${atText(bar.killedAt)}`,
    })
  }
}
