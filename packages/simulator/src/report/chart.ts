/**
 * The picture of one run: services above, instances below, one time axis. Positions are computed in pixels and handed to
 * Vega-Lite as data, so that every drawing of a report has the same frame, whatever is in it.
 */
import type { Cast } from '../trace/trace.ts'
import { drawCrowd } from './crowd-panel.ts'
import type { Spec } from './draw.ts'
import { type Drawing, emptyDrawing, label, note, rect, smallSize } from './drawing.ts'
import { specOf } from './drawing-spec.ts'
import { type Frame, pixels, shown, textWidth, x } from './frame.ts'
import { drawLane } from './instance-lane.ts'
import { colour } from './palette.ts'
import { drawService, msAtZero, panel } from './service-panel.ts'
import type { ServiceLine, Timeline } from './timeline.ts'

/** More lanes than this are counted instead of drawn, but for a few. */
export const lanesMax = 12
const servicesMax = 6
const overviewHeight = 42

/** The service that was at zero for longest in any of the runs; undefined where there is no service. */
export const worstService = (timelines: ReadonlyArray<Timeline>): number | undefined => {
  const atZero = (index: number): number => Math.max(...timelines.map(({ services }) => msAtZero(services[index])))
  const all = (timelines[0]?.services ?? []).map((_, index) => index)
  return all.toSorted((a, b) => atZero(b) - atZero(a))[0]
}

/** Several runs in one picture: one service under each controller. */
export const overviewSpec = (
  runs: ReadonlyArray<{ readonly controller: string; readonly timeline: Timeline }>,
  index: number,
  frame: Frame,
): Spec => {
  const drawing = emptyDrawing()
  for (const { controller, timeline } of runs) {
    const service = timeline.services[index]
    if (service !== undefined) drawService(drawing, service, timeline, frame, controller, overviewHeight)
  }
  return specOf(drawing, frame)
}

/** A run's picture as a Vega-Lite specification. Instances that `witnesses` names are always drawn. */
export const chartSpec = (cast: Cast, timeline: Timeline, frame: Frame, witnesses = ''): Spec => {
  const drawing = emptyDrawing()
  drawHappenings(drawing, timeline, frame)
  const top = drawing.y
  const services = worstFirst(timeline.services).slice(0, servicesMax)
  for (const service of services) {
    drawService(drawing, service, timeline, frame, `${service.name}: healthy tasks`, panel.height)
  }
  if (services.length < timeline.services.length) {
    note(drawing, `${services.length} of ${timeline.services.length} services, longest at zero first`)
  }
  const lanesTop = drawing.y
  if (timeline.lanes.length > lanesMax) drawCrowd(drawing, cast, timeline, frame, witnesses)
  else for (const each of timeline.lanes) drawLane(drawing, cast, each, timeline, frame)
  for (const period of services.flatMap(({ zero }) => zero)) {
    drawing.washes.push(rect(shown(period, timeline, frame), lanesTop, drawing.y, colour('zero-wash'), null, null))
  }
  for (const rule of drawing.rules) Object.assign(rule, { y: Math.min(rule.y, top), y2: drawing.y })
  return specOf(drawing, frame)
}

/** Services that were ever at zero come first, so that a limit never hides them. */
const worstFirst = (services: ReadonlyArray<ServiceLine>): ReadonlyArray<ServiceLine> => {
  return services.length <= servicesMax ? services : [...services].sort((a, b) => msAtZero(b) - msAtZero(a))
}

/** Lines of labels above a picture; a happening that finds room on none of them has only its rule. */
const labelLines = { most: 4, height: 13 }

const drawHappenings = (drawing: Drawing, timeline: Timeline, frame: Frame): void => {
  const freeFrom: number[] = []
  for (const { at: moment, text } of timeline.happenings) {
    const width = textWidth(text, smallSize)
    const at = pixels(moment, frame)
    // At its rule, or as far left of it as its length takes.
    const from = Math.max(0, Math.min(at, frame.width - width))
    const lines = Array.from({ length: labelLines.most }, (_, line) => line)
    const free = lines.find((line) => from >= (freeFrom[line] ?? 0))
    const top = (free ?? 0) * labelLines.height
    drawing.rules.push({ x: x(moment), y: 12 + top, y2: 0 })
    if (free === undefined) continue
    freeFrom[free] = from + width + 8
    const look = { size: smallSize, fill: 'quiet' } as const
    const isRight = from > 0 && from < at
    drawing.texts.push(
      isRight
        ? label(moment, 7 + top, text, { ...look, align: 'right', dx: -3 })
        : label(0, 7 + top, text, { ...look, dx: from + 3 }),
    )
  }
  drawing.y += timeline.happenings.length === 0 ? 0 : 3 + Math.max(1, freeFrom.length) * labelLines.height
}
