/**
 * The picture of one run: services above, instances below, one time axis. Positions are computed here in pixels and
 * handed to Vega-Lite as data, so that every drawing of a report has the same frame, whatever is in it.
 */
import { secondsOf } from '../measure/figures.ts'
import { atText, instanceText, shortId } from '../promise/promise.ts'
import type { Cast } from '../trace/trace.ts'
import { shareOverTime } from './crowd.ts'
import { type MarkGroup, markGroupOf, markGroups } from './decision-mark.ts'
import type { Spec } from './draw.ts'
import { type ColourName, colour, edgeOf, fontStack, stateFill, taskFill } from './palette.ts'
import {
  durationText,
  type Interval,
  type Lane,
  type Mark,
  type ServiceLine,
  type TaskBar,
  type Timeline,
} from './timeline.ts'

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

/** More lanes than this are counted instead of drawn, but for a few. */
export const lanesMax = 12
const lanesInSample = 8
const servicesMax = 6
const rowsMax = 12
const zeroLabelsMax = 3
/** Between two marks of different kinds, in pixels. */
const markDistance = 10

const panel = { title: 17, height: 64, gap: 16 }
const crowdHeight = 90
const overviewHeight = 42
const lane = { label: 14, marks: 12, strip: 9, draining: 4, row: 13, lowRow: 7, gap: 12 }
/** From this many lines on, a lane's tasks are drawn low and without a name. */
const lowRowsFrom = 9
const textSize = 11
const smallSize = 10
/** A fair guess of a character's width in system fonts, by font size. */
const characterWidth = 0.56

interface Rect {
  readonly x: number
  readonly x2: number
  readonly y: number
  readonly y2: number
  readonly fill: string
  readonly stroke: string | null
  readonly says: string | null
}

interface Text {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly text: string
  readonly fill: string
  readonly size: number
  readonly weight: number
  readonly align: 'left' | 'right' | 'center'
}

interface Line {
  readonly x: number
  readonly y: number
  readonly series: string
}

interface Area extends Line {
  readonly y2: number
}

interface Point {
  readonly x: number
  readonly y: number
  readonly shape: string
  readonly size: number
  readonly fill: string
  readonly says: string
}

/** Everything of a picture, by layer. */
interface Drawing {
  readonly washes: Rect[]
  readonly areas: Map<string, Area[]>
  readonly levels: Line[]
  readonly floors: Line[]
  readonly desired: Line[]
  readonly rects: Rect[]
  readonly rules: Array<{ readonly x: number; readonly y: number; readonly y2: number }>
  readonly points: Point[]
  readonly plates: Rect[]
  readonly texts: Text[]
  y: number
}

const emptyDrawing = (): Drawing => ({
  washes: [],
  areas: new Map(),
  levels: [],
  floors: [],
  desired: [],
  rects: [],
  rules: [],
  points: [],
  plates: [],
  texts: [],
  y: 0,
})

/** Several runs in one picture: under each controller, the service that fared worst in any of them. */
export const overviewSpec = (
  runs: ReadonlyArray<{ readonly controller: string; readonly timeline: Timeline }>,
  frame: Frame,
): Spec => {
  const drawing = emptyDrawing()
  const atZero = (index: number): number => Math.max(...runs.map(({ timeline }) => msAtZero(timeline.services[index])))
  const all = (runs[0]?.timeline.services ?? []).map((_, index) => index)
  const worst = [...all].sort((a, b) => atZero(b) - atZero(a) || a - b)[0]
  if (worst === undefined) return specOf(drawing, frame)
  for (const { controller, timeline } of runs) {
    const service = timeline.services[worst]
    if (service !== undefined) drawService(drawing, service, timeline, frame, controller, overviewHeight)
  }
  return specOf(drawing, frame)
}

/** A run's picture as a Vega-Lite specification. */
export const chartSpec = (cast: Cast, timeline: Timeline, frame: Frame): Spec => {
  const drawing = emptyDrawing()
  drawHappenings(drawing, timeline, frame)
  const top = drawing.y
  const services = worstFirst(timeline.services).slice(0, servicesMax)
  for (const service of services) {
    drawService(drawing, service, timeline, frame, `${service.name}: healthy tasks`, panel.height)
  }
  if (services.length < timeline.services.length) {
    note(drawing, `${timeline.services.length - services.length} more services are in the table.`)
  }
  const lanesTop = drawing.y
  if (timeline.lanes.length > lanesMax) drawCrowd(drawing, cast, timeline, frame)
  else for (const each of timeline.lanes) drawLane(drawing, cast, each, timeline, frame)
  for (const period of services.flatMap(({ zero }) => zero)) {
    drawing.washes.push(rect(shown(period, timeline, frame), lanesTop, drawing.y, colour('zero-wash'), null, null))
  }
  for (const rule of drawing.rules) Object.assign(rule, { y: Math.min(rule.y, top), y2: drawing.y })
  return specOf(drawing, frame)
}

const x = (ms: number): number => secondsOf(ms)
const pixels = (ms: number, frame: Frame): number => (ms / frame.spanMs) * frame.width
const textWidth = (text: string, size: number): number => text.length * size * characterWidth

const rect = (
  { from, to }: Interval,
  y: number,
  y2: number,
  fill: string,
  stroke: string | null,
  says: string | null,
): Rect => ({ x: x(from), x2: x(to), y, y2, fill, stroke, says })

const label = (
  ms: number,
  y: number,
  text: string,
  look: { size?: number; weight?: number; fill?: ColourName; align?: Text['align']; dx?: number } = {},
): Text => ({
  x: x(ms),
  y,
  dx: look.dx ?? 0,
  text,
  fill: colour(look.fill ?? 'ink'),
  size: look.size ?? textSize,
  weight: look.weight ?? 400,
  align: look.align ?? 'left',
})

const note = (drawing: Drawing, text: string): void => {
  drawing.texts.push(label(0, drawing.y + 10, text, { fill: 'quiet' }))
  drawing.y += 28
}

/** Services that were ever at zero come first, so that a limit never hides them. */
const worstFirst = (services: ReadonlyArray<ServiceLine>): ReadonlyArray<ServiceLine> => {
  return services.length <= servicesMax ? services : [...services].sort((a, b) => msAtZero(b) - msAtZero(a))
}

/** The highest count that a service's axis must show. */
export const mostOf = ({ desired, steps }: Pick<ServiceLine, 'desired' | 'steps'>): number =>
  steps.reduce((most, { count }) => Math.max(most, count), Math.max(1, desired))

const msAtZero = (service: ServiceLine | undefined): number =>
  service?.zero.reduce((sum, { from, to }) => sum + to - from, 0) ?? 0

const drawHappenings = (drawing: Drawing, timeline: Timeline, frame: Frame): void => {
  let freeFrom = Number.NEGATIVE_INFINITY
  for (const { at, text } of timeline.happenings) {
    drawing.rules.push({ x: x(at), y: 12, y2: 0 })
    const width = textWidth(text, smallSize)
    const from = Math.min(pixels(at, frame), frame.width - width)
    if (from < freeFrom) continue
    freeFrom = from + width + 8
    const align = from < pixels(at, frame) ? 'right' : 'left'
    drawing.texts.push(label(at, 7, text, { size: smallSize, fill: 'quiet', align, dx: align === 'right' ? -3 : 3 }))
  }
  drawing.y += timeline.happenings.length === 0 ? 0 : 16
}

const drawService = (
  drawing: Drawing,
  service: ServiceLine,
  timeline: Timeline,
  frame: Frame,
  heading: string,
  height: number,
): void => {
  const floor = service.floors[0]?.count ?? 0
  const most = frame.most[timeline.services.indexOf(service)] ?? mostOf(service)
  const top = drawing.y + panel.title
  const bottom = top + height
  const y = (count: number): number => bottom - (count / (most * 1.08)) * height
  const key = floor === service.desired ? `floor and desired ${floor}` : `floor ${floor}, desired ${service.desired}`
  drawing.texts.push(label(0, drawing.y + 8, heading, { weight: 600, size: 12 }))
  const keyAt = textWidth(heading, 12) * 1.15 + 12
  if (keyAt + textWidth(key, textSize) < frame.width) {
    drawing.texts.push(label(0, drawing.y + 8, key, { fill: 'quiet', dx: keyAt }))
  }

  const series = `${service.name} ${drawing.y}`
  const steps = [...thinned(service.steps, frame), { at: frame.spanMs, count: service.steps.at(-1)?.count ?? 0 }]
  drawing.levels.push(...steps.map(({ at, count }) => ({ x: x(at), y: y(count), series })))
  areaOf(drawing, colour('area')).push(...steps.map(({ at, count }) => ({ x: x(at), y: y(count), y2: bottom, series })))
  const floors = [...service.floors, { at: frame.spanMs, count: service.floors.at(-1)?.count ?? 0 }]
  if (service.strategy === 'REPLICA' && floors.some(({ count }) => count > 0)) {
    drawing.floors.push(...floors.map(({ at, count }) => ({ x: x(at), y: y(count), series })))
  }
  if (service.desired !== floor) {
    drawing.desired.push(...[0, frame.spanMs].map((at) => ({ x: x(at), y: y(service.desired), series })))
  }
  drawing.rects.push(rect({ from: 0, to: frame.spanMs }, bottom - 0.5, bottom + 0.5, colour('rule'), null, null))
  let above = Number.POSITIVE_INFINITY
  for (const count of [...new Set([0, floor, service.desired, most])]) {
    if (above - y(count) < 11) continue
    above = y(count)
    drawing.texts.push(label(0, above, String(count), { fill: 'quiet', size: smallSize, align: 'right', dx: -6 }))
  }
  drawZero(drawing, service, top - 2, bottom, timeline, frame)
  drawing.y = bottom + panel.gap
}

/** What nobody may overlook: hatched, in red, framed, and said in words. */
const drawZero = (
  drawing: Drawing,
  service: ServiceLine,
  top: number,
  bottom: number,
  timeline: Timeline,
  frame: Frame,
): void => {
  const leastMs = (3 / frame.width) * frame.spanMs
  const longest = [...service.zero].sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, zeroLabelsMax)
  for (const period of service.zero) {
    const open = period.to >= timeline.endMs
    const to = open ? frame.spanMs : Math.min(frame.spanMs, Math.max(period.to, period.from + leastMs))
    const says = `${service.name}: no running task for ${durationText(period.to - period.from)}, from ${atText(period.from).slice(3)}`
    drawing.rects.push(rect({ from: period.from, to }, top, bottom, 'url(#hatch-zero)', colour('zero'), says))
    if (!longest.includes(period)) continue
    const text = `0 running for ${durationText(period.to - period.from)}`
    const width = textWidth(text, 12) * 1.08 + 10
    const middle = (pixels(period.from, frame) + pixels(to, frame)) / 2
    const centre = Math.min(Math.max(middle, width / 2), frame.width - width / 2)
    const at = (centre / frame.width) * frame.spanMs
    const half = (width / 2 / frame.width) * frame.spanMs
    const y = (top + bottom) / 2
    drawing.plates.push(rect({ from: at - half, to: at + half }, y - 10, y + 10, colour('paper'), colour('zero'), null))
    drawing.texts.push(label(at, y, text, { weight: 700, size: 12, fill: 'zero', align: 'center' }))
  }
}

/** At most the lowest and the highest value per pixel: a dip of a millisecond stays visible, and the file small. */
const thinned = (
  steps: ReadonlyArray<{ readonly at: number; readonly count: number }>,
  frame: Frame,
): ReadonlyArray<{ readonly at: number; readonly count: number }> => {
  if (steps.length <= 2 * frame.width) return steps
  const kept = new Set<(typeof steps)[number]>()
  let column = -1
  let lowest = steps[0]
  let highest = steps[0]
  let last = steps[0]
  const keep = (): void => {
    for (const each of [lowest, highest, last]) if (each !== undefined) kept.add(each)
  }
  for (const each of steps) {
    const next = Math.floor(pixels(each.at, frame))
    if (next !== column) {
      keep()
      column = next
      lowest = each
      highest = each
    }
    if (each.count < (lowest?.count ?? 0)) lowest = each
    if (each.count > (highest?.count ?? 0)) highest = each
    last = each
  }
  keep()
  return steps.filter((each) => kept.has(each))
}

const areaOf = (drawing: Drawing, fill: string): Area[] => {
  const known = drawing.areas.get(fill)
  if (known !== undefined) return known
  const fresh: Area[] = []
  drawing.areas.set(fill, fresh)
  return fresh
}

/** Many instances: how many were in each state, how many tasks had each status, and a few lanes. */
const drawCrowd = (drawing: Drawing, cast: Cast, timeline: Timeline, frame: Frame): void => {
  const columns = Math.round(frame.width / 2)
  const shares = shareOverTime(timeline, frame.spanMs, columns)
  for (const [heading, bands] of [
    ['Instances by lifecycle state', shares.instances],
    ['Tasks by status', shares.tasks],
  ] as const) {
    const top = drawing.y + panel.title
    const bottom = top + crowdHeight
    const most = Math.max(1, ...(bands.at(-1)?.tops ?? []))
    const y = (count: number): number => bottom - (count / most) * crowdHeight
    drawing.texts.push(label(0, drawing.y + 8, heading, { weight: 600, size: 12 }))
    drawing.texts.push(label(0, top + 4, String(most), { fill: 'quiet', size: smallSize, align: 'right', dx: -6 }))
    drawing.texts.push(label(0, bottom, '0', { fill: 'quiet', size: smallSize, align: 'right', dx: -6 }))
    bands.forEach(({ fill, tops }, band) => {
      if (tops.every((count, column) => count === (bands[band - 1]?.tops[column] ?? 0))) return
      const area = areaOf(drawing, `${fill} solid`)
      tops.forEach((count, column) => {
        const under = bands[band - 1]?.tops[column] ?? 0
        const unchanged = (at: number): boolean => tops[at] === count && (bands[band - 1]?.tops[at] ?? 0) === under
        // Only where something changes: a step goes on by itself.
        if (column > 0 && column < tops.length - 1 && unchanged(column - 1)) return
        area.push({
          x: x((column / columns) * frame.spanMs),
          y: y(count),
          y2: y(under),
          series: `${heading} ${band}`,
        })
      })
    })
    drawing.rects.push(rect({ from: 0, to: frame.spanMs }, bottom - 0.5, bottom + 0.5, colour('rule'), null, null))
    drawing.y = bottom + panel.gap
  }
  const sample = sampleOf(timeline.lanes)
  note(drawing, `${sample.length} of ${timeline.lanes.length} instances:`)
  for (const each of sample) drawLane(drawing, cast, each, timeline, frame)
}

/** Lanes worth a look: those with killed tasks, then held ones, then others, each spread over the run. */
const sampleOf = (lanes: ReadonlyArray<Lane>): ReadonlyArray<Lane> => {
  const spread = (from: ReadonlyArray<Lane>, count: number): ReadonlyArray<Lane> =>
    from.length <= count
      ? from
      : Array.from({ length: count }, (_, index) => from[Math.floor((index * from.length) / count)] as Lane)
  const withKilled = lanes.filter(({ tasks }) => tasks.some(({ killedAt }) => killedAt !== null))
  const chosen = new Set<Lane>(spread(withKilled, 3))
  const rest = lanes.filter((each) => !chosen.has(each))
  const gone = rest.filter(({ to, held }) => held || to !== Math.max(...lanes.map((each) => each.to)))
  for (const each of spread(gone, lanesInSample - 2 - chosen.size)) chosen.add(each)
  const fresh = lanes.filter((each) => !chosen.has(each) && each.from > 0)
  for (const each of spread(fresh, 2)) chosen.add(each)
  for (const each of spread(
    rest.filter((one) => !chosen.has(one)),
    lanesInSample - chosen.size,
  ))
    chosen.add(each)
  return lanes.filter((each) => chosen.has(each))
}

const drawLane = (drawing: Drawing, cast: Cast, each: Lane, timeline: Timeline, frame: Frame): void => {
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
    const says = `${id}: ${state.state}, ${periodText(state, timeline)}`
    drawing.rects.push(rect(shown(state, timeline, frame), y, y + lane.strip, fill, edgeOf(fill), says))
  }
  y += lane.strip + 1
  for (const whole of each.draining) {
    const period = { from: whole.from, to: Math.min(whole.to, each.to) }
    const says = `${id}: container instance DRAINING, ${periodText(period, timeline)}`
    drawing.rects.push(rect(shown(period, timeline, frame), y, y + lane.draining - 1, colour('floor'), null, says))
  }
  for (const whole of each.disconnected) {
    const period = { from: whole.from, to: Math.min(whole.to, each.to) }
    // That a host is gone is drawn already; its silent agent is no news.
    if (period.to <= period.from) continue
    const says = `${id}: agent disconnected, ${periodText(period, timeline)}`
    drawing.rects.push(rect(shown(period, timeline, frame), y, y + lane.draining - 1, colour('zero'), null, says))
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
    drawing.texts.push(label(each.from, y + 6, `and ${hidden} more tasks`, { fill: 'quiet', size: smallSize }))
    y += 13
  }
  drawing.y = y + lane.gap
}

/** What goes on when the run ends is drawn to the end of the axis. */
const shown = ({ from, to }: Interval, timeline: Timeline, frame: Frame): Interval => ({
  from,
  to: to >= timeline.endMs ? frame.spanMs : Math.min(to, frame.spanMs),
})

const periodText = ({ from, to }: Interval, timeline: Timeline): string =>
  `${x(from).toFixed(1)} s to ${to >= timeline.endMs ? 'the end' : `${x(to).toFixed(1)} s`} (${durationText(to - from)})`

const drawTask = (
  drawing: Drawing,
  cast: Cast,
  bar: TaskBar,
  { y, height }: { readonly y: number; readonly height: number },
  timeline: Timeline,
  frame: Frame,
): void => {
  const named = height >= lane.row
  const service = cast.services[bar.service]?.name ?? 'standalone'
  const name = `${service}/${shortId(cast.tasks[bar.task]?.id ?? '').slice(-4)}`
  for (const look of bar.looks) {
    if (look.to <= look.from) continue
    const period = shown(look, timeline, frame)
    const gone = look.look === 'host gone'
    const what = gone ? 'host gone, ECS has not noticed' : look.look
    const says = `${name}: ${what}, ${periodText(look, timeline)}`
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
    if (named && look.look === 'RUNNING' && width > textWidth(name, 9) + 8) {
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

/**
 * Marks of one kind that would cover each other are one mark whose hover text tells all. Marks of different kinds are
 * moved apart a little: the hover text has the exact time.
 */
const pointsOf = (marks: ReadonlyArray<Mark>, y: number, frame: Frame): ReadonlyArray<Point> => {
  const merged: Array<{ group: MarkGroup; at: number; left: number; lines: string[]; more: number }> = []
  let freeFrom = Number.NEGATIVE_INFINITY
  for (const { at, name, text } of marks) {
    const group = markGroupOf(name)
    const minor = group === 'other'
    const near = merged.findLast((each) => each.group === group && pixels(at - each.at, frame) < (minor ? 4 : 12))
    const line = `${atText(at)} ${name}${text === undefined ? '' : ` ${clipped(text)}`}`
    if (near === undefined) {
      const left = minor ? pixels(at, frame) : Math.max(pixels(at, frame), freeFrom)
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
    fill: colour(group === 'failed' || group === 'forced' ? 'zero' : group === 'other' ? 'quiet' : 'ink'),
    says: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
  }))
}

const clipped = (text: string): string => (text.length > 140 ? `${text.slice(0, 139)}…` : text)

/** Round steps of time with about `width / 80` ticks. */
const ticksOf = ({ width, spanMs }: Frame): ReadonlyArray<number> => {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400]
  const wanted = spanMs / 1000 / Math.max(3, width / 80)
  const step = steps.find((each) => each >= wanted) ?? 86_400
  return Array.from({ length: Math.floor(spanMs / 1000 / step) + 1 }, (_, index) => index * step)
}

const specOf = (drawing: Drawing, frame: Frame): Spec => {
  const height = Math.ceil(drawing.y)
  const ticks = ticksOf(frame)
  const hours = frame.spanMs > 7_200_000
  const xChannel = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [0, x(frame.spanMs)], nice: false, zero: false },
    axis: {
      values: ticks,
      title: hours
        ? 'virtual time since the start of the run (h:min)'
        : 'virtual time since the start of the run (min:s)',
      labelExpr: hours
        ? "floor(datum.value / 3600) + ':' + pad(floor(datum.value / 60) % 60, 2, '0', 'left')"
        : "floor(datum.value / 60) + ':' + pad(datum.value % 60, 2, '0', 'left')",
      labelFlush: true,
      labelOverlap: false,
      grid: true,
      zindex: 0,
    },
  }
  const yChannel = (field: string) => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, height], reverse: true, nice: false, zero: false },
    axis: null,
  })
  const rects = (values: ReadonlyArray<Rect>, opacity = 1, radius = 0) => ({
    data: { values },
    mark: { type: 'rect', opacity, cornerRadius: radius, strokeWidth: 0.9 },
    encoding: {
      x: xChannel,
      x2: { field: 'x2' },
      y: yChannel('y'),
      y2: { field: 'y2' },
      fill: { field: 'fill', type: 'nominal', scale: null },
      stroke: { field: 'stroke', type: 'nominal', scale: null },
      ...(values.some(({ says }) => says !== null) ? { description: { field: 'says', type: 'nominal' } } : {}),
    },
  })
  const lines = (values: ReadonlyArray<Line>, look: Spec) => ({
    data: { values },
    mark: { type: 'line', interpolate: 'step-after', ...look },
    encoding: { x: xChannel, y: yChannel('y'), detail: { field: 'series', type: 'nominal' } },
  })
  const areas = [...drawing.areas].map(([key, values]) => ({
    data: { values },
    mark: {
      type: 'area',
      interpolate: 'step-after',
      fill: key.replace(' solid', ''),
      opacity: key.endsWith(' solid') ? 1 : 0.16,
      line: false,
    },
    encoding: {
      x: xChannel,
      y: { ...yChannel('y'), stack: null },
      y2: { field: 'y2' },
      detail: { field: 'series', type: 'nominal' },
    },
  }))
  const layer = [
    rects(drawing.washes, 0.45),
    ...areas,
    {
      data: { values: drawing.rules },
      mark: { type: 'rule', stroke: colour('quiet'), strokeDash: [2, 3] },
      encoding: { x: xChannel, y: yChannel('y'), y2: { field: 'y2' } },
    },
    rects(drawing.rects),
    lines(drawing.desired, { stroke: colour('quiet'), strokeWidth: 1.5, strokeDash: [1.5, 3] }),
    lines(drawing.levels, { stroke: colour('line'), strokeWidth: 2 }),
    lines(drawing.floors, { stroke: colour('floor'), strokeWidth: 1.5, strokeDash: [6, 4] }),
    {
      data: { values: drawing.points },
      mark: { type: 'point', filled: true, opacity: 1, stroke: colour('paper'), strokeWidth: 0.75 },
      encoding: {
        x: xChannel,
        y: yChannel('y'),
        shape: { field: 'shape', type: 'nominal', scale: null },
        size: { field: 'size', type: 'quantitative', scale: null },
        fill: { field: 'fill', type: 'nominal', scale: null },
        description: { field: 'says', type: 'nominal' },
      },
    },
    rects(drawing.plates, 1, 3),
    {
      data: { values: drawing.texts },
      mark: {
        type: 'text',
        baseline: 'middle',
        align: { expr: 'datum.align' },
        dx: { expr: 'datum.dx' },
        fontSize: { expr: 'datum.size' },
        fontWeight: { expr: 'datum.weight' },
      },
      encoding: {
        x: xChannel,
        y: yChannel('y'),
        text: { field: 'text', type: 'nominal' },
        fill: { field: 'fill', type: 'nominal', scale: null },
      },
    },
  ].filter(({ data }) => data.values.length > 0)
  return {
    width: frame.width,
    height,
    autosize: { type: 'none' },
    padding: { left: frame.left, right: 6, top: 2, bottom: 40 },
    background: null,
    layer,
    config: {
      font: fontStack,
      view: { stroke: null },
      axis: {
        domainColor: colour('rule'),
        gridColor: colour('grid'),
        tickColor: colour('rule'),
        labelColor: colour('quiet'),
        titleColor: colour('quiet'),
        labelFontSize: smallSize,
        titleFontSize: textSize,
        titleFontWeight: 'normal',
      },
    },
  }
}
