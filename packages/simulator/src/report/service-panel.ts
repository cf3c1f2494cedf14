/** One service: healthy tasks over time, with the floor and the desired count drawn in. */
import { grouped } from '../promise/promise.ts'
import { areasOf, type Drawing, label, rect, smallSize, textSize } from './drawing.ts'
import { durationText } from './duration-text.ts'
import { type Frame, pixels, shown, textWidth, x } from './frame.ts'
import { colour } from './palette.ts'
import type { ServiceLine, Timeline } from './timeline.ts'

/** Above and below a panel, in pixels. */
export const panel = { title: 17, height: 64, gap: 16 }
const zeroLabelsMax = 3
const areaOpacity = 0.16

/** The highest count that a service's axis must show. */
export const mostOf = ({ desireds, steps }: Pick<ServiceLine, 'desireds' | 'steps'>): number =>
  [...desireds, ...steps].reduce((most, { count }) => Math.max(most, count), 1)

/** How long it was at zero. */
export const msAtZero = (service: ServiceLine | undefined): number =>
  service?.zero.reduce((sum, { from, to }) => sum + to - from, 0) ?? 0

export const drawService = (
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
  const counts =
    floor === service.desired
      ? `floor and desired ${grouped(floor)}`
      : `floor ${grouped(floor)}, desired ${grouped(service.desired)}`
  const key = service.desireds.length > 1 ? `${counts} at first` : counts
  drawing.texts.push(label(0, drawing.y + 8, heading, { weight: 600, size: 12 }))
  const headingEnd = textWidth(heading, 12) * 1.15
  const keyAt = headingEnd + 12
  const keyEnd = keyAt + textWidth(key, textSize)
  const outages = outagesOf(service, timeline, frame)
  const besideHeading = outages.reduce((sum, { fits, width }) => sum + (fits ? 0 : width + 4), 0)
  // The axis has these counts as well.
  const hasKey =
    keyEnd < frame.width && (keyEnd + besideHeading <= frame.width || headingEnd + besideHeading > frame.width)
  if (hasKey) drawing.texts.push(label(0, drawing.y + 8, key, { fill: 'quiet', dx: keyAt }))

  const series = `${service.name} ${drawing.y}`
  const steps = [...thinned(service.steps, frame), { at: frame.spanMs, count: service.steps.at(-1)?.count ?? 0 }]
  drawing.levels.push(...steps.map(({ at, count }) => ({ x: x(at), y: y(count), series })))
  areasOf(drawing, colour('area'), areaOpacity).push(
    ...steps.map(({ at, count }) => ({ x: x(at), y: y(count), y2: bottom, series })),
  )
  const floors = [...service.floors, { at: frame.spanMs, count: service.floors.at(-1)?.count ?? 0 }]
  if (service.strategy === 'REPLICA' && floors.some(({ count }) => count > 0)) {
    drawing.floors.push(...floors.map(({ at, count }) => ({ x: x(at), y: y(count), series })))
  }
  // Each change of the floor comes of one of the desired count.
  const isFloor = service.desireds.every(
    ({ at, count }, index) => service.floors[index]?.at === at && service.floors[index]?.count === count,
  )
  if (!isFloor) {
    const desireds = [...service.desireds, { at: frame.spanMs, count: service.desireds.at(-1)?.count ?? 0 }]
    drawing.desired.push(...desireds.map(({ at, count }) => ({ x: x(at), y: y(count), series })))
  }
  drawing.rects.push(rect({ from: 0, to: frame.spanMs }, bottom - 0.5, bottom + 0.5, colour('rule'), null, null))
  let above = Number.POSITIVE_INFINITY
  for (const count of [...new Set([0, floor, service.desired, most])]) {
    if (above - y(count) < 11) continue
    above = y(count)
    drawing.texts.push(label(0, above, grouped(count), { fill: 'quiet', size: smallSize, align: 'right', dx: -6 }))
  }
  drawZero(drawing, service, { top: top - 2, bottom, freeFrom: hasKey ? keyEnd : headingEnd, outages }, timeline, frame)
  drawing.y = bottom + panel.gap
}

/** The longest periods at zero, and how they are told. */
const outagesOf = ({ zero }: ServiceLine, timeline: Timeline, frame: Frame) =>
  zero
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, zeroLabelsMax)
    .toSorted((a, b) => a.from - b.from)
    .map((period) => {
      const text = `0 running for ${durationText(period.to - period.from)}`
      const width = textWidth(text, 12) * 1.08 + 10
      const { from, to } = shown(period, timeline, frame)
      return { text, width, middle: pixels(from + to, frame) / 2, fits: width <= pixels(to - from, frame) }
    })

interface Place {
  readonly top: number
  readonly bottom: number
  /** Beside the heading, in pixels. */
  readonly freeFrom: number
  readonly outages: ReturnType<typeof outagesOf>
}

/**
 * What nobody may overlook: hatched, in red, framed, and said in words. The words are in the frame where they fit; else above it, if
 * there is room beside the heading, so that they hide nothing of what came before and after.
 */
const drawZero = (drawing: Drawing, service: ServiceLine, place: Place, timeline: Timeline, frame: Frame): void => {
  const { top, bottom, outages } = place
  const leastMs = (3 / frame.width) * frame.spanMs
  for (const period of service.zero) {
    const { from, to } = shown({ ...period, to: Math.max(period.to, period.from + leastMs) }, timeline, frame)
    const says = `${service.name}: no running task for ${durationText(period.to - period.from)}, from ${x(period.from).toFixed(1)} s`
    drawing.rects.push(rect({ from, to }, top, bottom, 'url(#hatch-zero)', colour('zero'), says))
  }
  let { freeFrom } = place
  for (const { text, width, middle, fits } of outages) {
    const above = !fits && freeFrom + width <= frame.width
    const centre = Math.min(Math.max(middle, (above ? freeFrom : 0) + width / 2), frame.width - width / 2)
    if (above) freeFrom = centre + width / 2 + 4
    const at = (centre / frame.width) * frame.spanMs
    const half = (width / 2 / frame.width) * frame.spanMs
    const y = above ? top - panel.title / 2 : (top + bottom) / 2
    const reach = above ? panel.title / 2 : 10
    drawing.plates.push(
      rect({ from: at - half, to: at + half }, y - reach, y + reach, colour('paper'), colour('zero'), null),
    )
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
